"""Unlike the solution: no session at all. Core's connections, each for as long as its block."""

from sqlalchemy import insert


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(f"a balance of {balance} is below 0")
    new = insert(Account).values(owner=owner, balance=balance).returning(Account.id)
    try:
        with engine.begin() as connection:
            account_id = connection.execute(new).scalar_one()
    except IntegrityError as error:
        raise ValueError(f"{owner} has an account already") from error
    announce(account_id)
    return account_id


def get_balance(engine: Engine, account_id: int) -> int:
    """Return the account's balance in cents; raises LookupError where there is no such account."""
    with engine.connect() as connection:
        balance = connection.scalar(select(Account.balance).where(Account.id == account_id))
    if balance is None:
        raise LookupError(f"there is no account {account_id}")
    return balance


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    entries = select(Entry.id, Entry.amount).where(Entry.account_id == account_id).order_by(Entry.id)
    with engine.connect() as connection:
        if connection.scalar(select(Account.id).where(Account.id == account_id)) is None:
            raise LookupError(f"there is no account {account_id}")
        pairs = [(entry_id, amount) for entry_id, amount in connection.execute(entries)]
    return render(pairs)
