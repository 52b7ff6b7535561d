"""A row is a tuple: it unpacks like one and compares like one.

fails: plain_types
mistake: NOT_PLAIN
"""


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with Session(engine) as session:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = select(Entry.id, Entry.amount).where(Entry.account_id == account_id).order_by(Entry.id)
        pairs = list(session.execute(entries))  # wrong: each is a Row, which equals a tuple and is none
    return render(pairs)
