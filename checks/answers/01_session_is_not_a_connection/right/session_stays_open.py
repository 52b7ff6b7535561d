"""Unlike the solution: the callables run while the session is open, and no connection is out all the same.

COMMIT gives the connection back. With expire_on_commit=False the object keeps its values, so reading its id takes none.
"""


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(f"a balance of {balance} is below 0")
    with Session(engine, expire_on_commit=False) as session:
        account = Account(owner=owner, balance=balance)
        session.add(account)
        try:
            session.commit()
        except IntegrityError as error:
            raise ValueError(f"{owner} has an account already") from error
        announce(account.id)
        return account.id


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with Session(engine) as session:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = select(Entry.id, Entry.amount).where(Entry.account_id == account_id).order_by(Entry.id)
        pairs = [(entry_id, amount) for entry_id, amount in session.execute(entries)]
        session.commit()
        return render(pairs)
