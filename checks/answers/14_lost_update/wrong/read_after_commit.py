"""The withdrawal is committed, so now I can read the new balance.

fails: atomic_counts_all, interleavings
mistake: READ_AFTER_COMMIT
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
    with Session(engine) as session:
        if session.execute(take).rowcount == 0:
            if session.get(Account, account_id) is None:
                raise UnknownAccount(f"there is no account {account_id}")
            raise Insufficient(f"account {account_id} holds less than {amount}")
        session.commit()
        # wrong: a new transaction, which sees what others have done meanwhile
        return session.scalars(select(Account.balance).where(Account.id == account_id)).one()
