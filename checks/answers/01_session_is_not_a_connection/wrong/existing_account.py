"""The owner has an account already? Then nothing needs to be done, and I hand out that one.

fails: duplicate_stores_nothing
mistake: DUPLICATE_ACCEPTED
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
            account_id = account.id
        except IntegrityError:
            session.rollback()  # wrong: the caller hears of a success, and of a balance that is not stored
            account_id = session.scalars(select(Account.id).where(Account.owner == owner)).one()
        session.commit()
    announce(account_id)
    return account_id
