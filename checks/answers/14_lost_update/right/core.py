"""Unlike the solution: no session and no object. Core's connections, which select columns and lock by them."""

from sqlalchemy import select


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    take = (
        update(Account)
        .where(Account.id == account_id, Account.balance >= amount)
        .values(balance=Account.balance - amount, version=Account.version + 1)
        .returning(Account.balance)
    )
    with engine.begin() as connection:
        balance = connection.scalar(take)
        if balance is not None:
            return balance
        if connection.scalar(select(Account.id).where(Account.id == account_id)) is None:
            raise UnknownAccount(f"there is no account {account_id}")
        raise Insufficient(f"account {account_id} holds less than {amount}")


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    if engine.dialect.name == "sqlite":
        raise LockUnsupported("SQLite has no row locks")

    one = select(Account.balance).where(Account.id == account_id).with_for_update()
    with engine.begin() as connection:
        balance = connection.scalar(one)
        if balance is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        write = update(Account).values(balance=balance - amount, version=Account.version + 1)
        connection.execute(write.where(Account.id == account_id))
        return balance - amount


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    with engine.begin() as connection:
        row = connection.execute(
            select(Account.balance, Account.version).where(Account.id == account_id)
        ).first()
        if row is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if row.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        write = update(Account).values(balance=row.balance - amount, version=row.version + 1)
        written = connection.execute(write.where(Account.id == account_id, Account.version == row.version))
        if written.rowcount != 1:
            raise Conflict(f"account {account_id} is no longer at version {row.version}")
        return row.balance - amount
