"""The table has a CHECK, so the database guards the balance and I need not.

fails: answers, two_of_eighty, interleavings
mistake: LIBRARY_ERROR
"""


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    take = (
        update(Account)
        .where(
            Account.id == account_id
        )  # wrong: where it would go below 0, IntegrityError leaves the function
        .values(balance=Account.balance - amount, version=Account.version + 1)
        .returning(Account.balance)
    )
    with Session(engine) as session, session.begin():
        balance = session.scalar(take)
        if balance is None:
            raise UnknownAccount(f"there is no account {account_id}")
    return balance
