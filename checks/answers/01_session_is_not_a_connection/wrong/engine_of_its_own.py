"""An engine is a connection, so each function makes one, and nobody can be in its way.

fails: one_engine
mistake: NEW_ENGINE
"""

from sqlalchemy import create_engine


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(f"a balance of {balance} is below 0")
    with Session(create_engine(engine.url)) as session:  # wrong: a second engine is a second pool
        account = Account(owner=owner, balance=balance)
        session.add(account)
        try:
            session.flush()  # sends the INSERT: from here on the id is known, and so is a duplicate
        except IntegrityError as error:
            raise ValueError(f"{owner} has an account already") from error
        account_id = account.id  # a plain int, which outlives the session
        session.commit()
    announce(account_id)
    return account_id


def get_balance(engine: Engine, account_id: int) -> int:
    """Return the account's balance in cents; raises LookupError where there is no such account."""
    with Session(create_engine(engine.url)) as session:
        balance = session.scalar(select(Account.balance).where(Account.id == account_id))
    if balance is None:
        raise LookupError(f"there is no account {account_id}")
    return balance


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with Session(create_engine(engine.url)) as session:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = select(Entry.id, Entry.amount).where(Entry.account_id == account_id).order_by(Entry.id)
        pairs = [(entry_id, amount) for entry_id, amount in session.execute(entries)]
    return render(pairs)
