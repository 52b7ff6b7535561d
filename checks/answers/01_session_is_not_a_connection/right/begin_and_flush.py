"""Unlike the solution: sessionmaker.begin() commits at the end of its block, and the duplicate shows at the flush."""

from sqlalchemy.orm import sessionmaker


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(f"a balance of {balance} is below 0")
    try:
        with sessionmaker(engine).begin() as session:
            account = Account(owner=owner, balance=balance)
            session.add(account)
            session.flush()
            account_id = account.id
    except IntegrityError as error:
        raise ValueError(f"{owner} has an account already") from error
    announce(account_id)
    return account_id
