"""If the version has changed, I take the new version and write again: whoever keeps at it gets through.

fails: versioned_sees_changes, two_of_eighty, interleavings
mistake: STALE_RETRY
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
        while True:
            write = (
                update(Account)
                .where(Account.id == account_id, Account.version == seen)
                .values(balance=balance, version=seen + 1)
            )
            if session.execute(write, execution_options={"synchronize_session": False}).rowcount == 1:
                return balance
            # wrong: the version is new, and the balance that is written comes of the old read
            seen = session.scalars(select(Account.version).where(Account.id == account_id)).one()
