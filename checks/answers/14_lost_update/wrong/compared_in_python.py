"""Before I write I compare the version with the one that I read. If it is the same, nobody has written.

fails: versioned_sees_changes, two_of_eighty, interleavings
mistake: COMPARED_IN_PYTHON
"""

from sqlalchemy import select


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    with Session(engine) as session, session.begin():
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")

        balance, seen = account.balance - amount, account.version
        if session.scalar(select(Account.version).where(Account.id == account_id)) != seen:
            raise Conflict(f"account {account_id} is no longer at version {seen}")
        # wrong: between this comparison and the UPDATE somebody else may write
        session.execute(
            update(Account).where(Account.id == account_id).values(balance=balance, version=seen + 1)
        )
        return balance
