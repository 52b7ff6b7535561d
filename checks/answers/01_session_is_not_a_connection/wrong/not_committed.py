"""add() and flush() save the account.

fails: answers, visible_in_announce
mistake: NO_COMMIT
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
        account_id = account.id  # wrong: known, but never committed, so closing the session undoes it
    announce(account_id)
    return account_id
