"""PostgreSQL has locks that I can name myself. I take the one with the account's number, and have the account.

fails on postgresql: locked_keeps_others_out, locked_waits_its_turn, two_of_eighty, interleavings
mistake on postgresql: NOT_LOCKED
"""

from sqlalchemy import func, select


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    if engine.dialect.name == "sqlite":
        raise LockUnsupported("SQLite has no row locks")

    with Session(engine) as session, session.begin():
        session.execute(
            select(func.pg_advisory_xact_lock(account_id))
        )  # wrong: keeps out who asks for it, too
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")

        account.balance -= amount
        account.version += 1
        return account.balance
