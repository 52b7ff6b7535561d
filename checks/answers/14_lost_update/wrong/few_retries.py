"""I write on the condition that the balance is what I read. Should somebody have been faster, a second try succeeds.

fails: interleavings
mistake: FEW_RETRIES
"""

from sqlalchemy import select


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    for _attempt in range(2):  # wrong: nobody promises that others write only once
        with Session(engine) as session, session.begin():
            row = session.execute(
                select(Account.balance, Account.version).where(Account.id == account_id)
            ).first()
            if row is None:
                raise UnknownAccount(f"there is no account {account_id}")
            if row.balance < amount:
                raise Insufficient(f"account {account_id} holds less than {amount}")
            write = (
                update(Account)
                .where(Account.id == account_id, Account.version == row.version)
                .values(balance=row.balance - amount, version=row.version + 1)
            )
            if session.execute(write).rowcount == 1:
                return row.balance - amount
    raise Conflict(f"others were faster at account {account_id}, twice")
