"""Unlike the solution: no with block. try and finally say in full what with says in a word."""


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(f"a balance of {balance} is below 0")
    session = Session(engine)
    try:
        account = Account(owner=owner, balance=balance)
        session.add(account)
        session.flush()
        account_id = account.id
        session.commit()
    except IntegrityError as error:
        raise ValueError(f"{owner} has an account already") from error
    finally:
        session.close()
    announce(account_id)
    return account_id


def get_balance(engine: Engine, account_id: int) -> int:
    """Return the account's balance in cents; raises LookupError where there is no such account."""
    session = Session(engine)
    try:
        account = session.get(Account, account_id)
        if account is None:
            raise LookupError(f"there is no account {account_id}")
        return account.balance
    finally:
        session.close()


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    session = Session(engine)
    try:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = session.scalars(select(Entry).where(Entry.account_id == account_id).order_by(Entry.id))
        pairs = [(entry.id, entry.amount) for entry in entries]
    finally:
        session.close()
    return render(pairs)
