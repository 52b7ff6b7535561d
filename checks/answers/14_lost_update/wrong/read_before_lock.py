"""I look whether the account exists and holds enough, and then I lock the row: locking it reads it again.

fails on postgresql: locked_keeps_others_out, locked_waits_its_turn, two_of_eighty, interleavings
mistake on postgresql: LOCKED_TOO_LATE
"""

from sqlalchemy import select


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
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")

        # wrong: it locks the row, and the object that the session has already keeps the values of its first read
        account = session.scalars(select(Account).where(Account.id == account_id).with_for_update()).one()
        account.balance -= amount
        account.version += 1
        return account.balance
