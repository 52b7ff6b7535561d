"""An object is an object: what it held inside the block it holds outside as well.

fails: answers, visible_in_announce, none_out_in_announce, plain_types, one_engine
mistake: DETACHED
"""


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(f"a balance of {balance} is below 0")
    with Session(engine) as session:
        account = Account(owner=owner, balance=balance)
        session.add(account)
        try:
            session.flush()  # sends the INSERT: from here on the id is known, and so is a duplicate
        except IntegrityError as error:
            raise ValueError(f"{owner} has an account already") from error
        session.commit()
    announce(account.id)  # wrong: COMMIT has expired it, and its session is closed
    return account.id
