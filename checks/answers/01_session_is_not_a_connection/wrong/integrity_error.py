"""The database refuses a duplicate, and its own error says best what is wrong.

fails: duplicate_stores_nothing
mistake: LIBRARY_ERROR
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
        session.flush()  # wrong: the caller was promised a ValueError, and gets SQLAlchemy's IntegrityError
        account_id = account.id  # a plain int, which outlives the session
        session.commit()
    announce(account_id)
    return account_id
