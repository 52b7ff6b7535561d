"""Unlike the solution: the table's CHECK is the guard, and its IntegrityError becomes Insufficient."""

from sqlalchemy.exc import IntegrityError


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    take = (
        update(Account)
        .where(Account.id == account_id)
        .values(balance=Account.balance - amount, version=Account.version + 1)
        .returning(Account.balance)
    )
    try:
        with Session(engine) as session, session.begin():
            balance = session.scalar(take)
    except IntegrityError as error:
        raise Insufficient(f"account {account_id} holds less than {amount}") from error
    if balance is None:
        raise UnknownAccount(f"there is no account {account_id}")
    return balance
