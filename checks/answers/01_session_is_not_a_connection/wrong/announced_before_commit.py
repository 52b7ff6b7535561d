"""COMMIT comes by itself at the end of the block, so the order of the lines inside does not matter.

fails: answers, visible_in_announce, none_out_in_announce
mistake: COMMIT_AFTER_CALL
"""

from sqlalchemy.orm import sessionmaker


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(f"a balance of {balance} is below 0")
    with sessionmaker(engine).begin() as session:
        account = Account(owner=owner, balance=balance)
        session.add(account)
        try:
            session.flush()  # sends the INSERT: from here on the id is known, and so is a duplicate
        except IntegrityError as error:
            raise ValueError(f"{owner} has an account already") from error
        account_id = account.id  # a plain int, which outlives the session
        announce(account_id)  # wrong: nobody else can see the account yet, and if this raises, it is gone
    return account_id
