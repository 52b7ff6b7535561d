"""The UPDATE raised nothing, so it has been done.

fails: two_of_eighty, interleavings
mistake: ROWCOUNT_IGNORED
"""

from sqlalchemy import select


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    take = (
        update(Account)
        .where(Account.id == account_id, Account.balance >= amount)
        .values(balance=Account.balance - amount, version=Account.version + 1)
    )
    balance = select(Account.balance).where(Account.id == account_id)
    with Session(engine) as session, session.begin():
        before = session.scalar(balance)
        if before is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if before < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        session.execute(take)  # wrong: it may have met no row, and says so only by its rowcount
        return session.scalars(balance).one()
