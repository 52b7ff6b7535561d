"""The guard in the UPDATE sees to amounts that can't be withdrawn, too.

fails: answers
mistake: SQL_FIRST
"""


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    take = (
        update(Account)
        .where(Account.id == account_id, Account.balance >= amount, amount > 0)
        .values(balance=Account.balance - amount, version=Account.version + 1)
        .returning(Account.balance)
    )
    with Session(engine) as session, session.begin():
        balance = session.scalar(take)
        if balance is None:  # wrong: the database has been asked before anybody looked at the amount
            if amount <= 0:
                raise ValueError(f"{amount} is no amount to withdraw")
            if session.get(Account, account_id) is None:
                raise UnknownAccount(f"there is no account {account_id}")
            raise Insufficient(f"account {account_id} holds less than {amount}")
    return balance
