"""Unlike the solution: the atomic one reads, writes on the condition of the version, and begins anew until
it is through.
"""

from sqlalchemy import select
from sqlalchemy.orm import sessionmaker


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    transactions = sessionmaker(engine)
    while True:  # whenever one is refused, another has succeeded: somebody always gets on
        with transactions.begin() as session:
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
