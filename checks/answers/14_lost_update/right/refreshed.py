"""Unlike the solution: reads first without a lock, and then refreshes the object with one, which
overwrites what it read.
"""


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    if engine.dialect.name == "sqlite":
        raise LockUnsupported("SQLite has no row locks")

    with Session(engine) as session, session.begin():
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        session.refresh(account, with_for_update=True)
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        account.balance -= amount
        account.version += 1
        return account.balance
