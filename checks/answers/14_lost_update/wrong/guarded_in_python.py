"""The UPDATE computes by itself, and that there is enough I have checked before.

fails: two_of_eighty, interleavings
mistake: GUARDED_IN_PYTHON
"""


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    take = (
        update(Account)
        .where(Account.id == account_id)  # wrong: by now there may be less than there was
        .values(balance=Account.balance - amount, version=Account.version + 1)
        .returning(Account.balance)
    )
    with Session(engine) as session, session.begin():
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")

        return session.scalars(take).one()
