"""A session needs a connection, so I open one for it and keep both until I am done.

fails: none_out_in_announce, none_out_in_render
mistake: HELD_DURING_CALL
"""


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(f"a balance of {balance} is below 0")
    with engine.connect() as connection, Session(connection) as session:
        account = Account(owner=owner, balance=balance)
        session.add(account)
        try:
            session.flush()
        except IntegrityError as error:
            raise ValueError(f"{owner} has an account already") from error
        account_id = account.id
        session.commit()
        announce(account_id)  # wrong: COMMIT is done, but this connection is ours until the block ends
    return account_id


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with engine.connect() as connection, Session(connection) as session:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = select(Entry.id, Entry.amount).where(Entry.account_id == account_id).order_by(Entry.id)
        pairs = [(entry_id, amount) for entry_id, amount in session.execute(entries)]
        return render(pairs)  # wrong: and so it is here
