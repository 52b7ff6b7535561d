"""An Entry is plain enough: it has an id and an amount.

fails: answers, plain_types
mistake: NOT_PLAIN
"""


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with Session(engine) as session:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = select(Entry).where(Entry.account_id == account_id).order_by(Entry.id)
        pairs = list(session.scalars(entries))  # wrong: ORM objects, now without their session
    return render(pairs)
