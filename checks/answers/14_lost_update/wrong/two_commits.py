"""I commit each statement as soon as it has succeeded, so that the row is locked for as short a time as can be.

fails: answers
mistake: TWO_COMMITS
"""


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    own = update(Account).where(Account.id == account_id)
    take = own.where(Account.balance >= amount).values(balance=Account.balance - amount)
    with Session(engine) as session:
        balance = session.scalar(take.returning(Account.balance))
        if balance is None:  # no row met both conditions: which of them failed?
            if session.get(Account, account_id) is None:
                raise UnknownAccount(f"there is no account {account_id}")
            raise Insufficient(f"account {account_id} holds less than {amount}")
        session.commit()  # wrong: the balance is another one now, and the version is not
        session.execute(own.values(version=Account.version + 1))
        session.commit()
    return balance
