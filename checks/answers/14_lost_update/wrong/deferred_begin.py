"""SQLite locks the whole database anyway, so I begin a transaction by hand before I read.

fails on sqlite: locked_without_row_locks, two_of_eighty, interleavings
mistake on sqlite: LIBRARY_ERROR
"""

from sqlalchemy import text


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    with Session(engine) as session, session.begin():
        if engine.dialect.name == "sqlite":
            session.execute(
                text("BEGIN")
            )  # wrong: it locks nobody out until it writes, and then it is too late
        account = session.get(Account, account_id, with_for_update=True)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        account.balance -= amount
        account.version += 1
        return account.balance
