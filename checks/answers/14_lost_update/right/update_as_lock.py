"""Unlike the solution: locks by an UPDATE that raises only the version. On SQLite it takes the one lock
that there is.
"""

from sqlalchemy import select


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    lock = update(Account).where(Account.id == account_id).values(version=Account.version + 1)
    with Session(engine) as session, session.begin():
        if session.execute(lock).rowcount == 0:
            raise UnknownAccount(f"there is no account {account_id}")
        balance = session.scalars(select(Account.balance).where(Account.id == account_id)).one()
        if balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        session.execute(update(Account).where(Account.id == account_id).values(balance=balance - amount))
        return balance - amount
