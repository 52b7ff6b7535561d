"""I have found the account, so the entries that I select are its own.

fails: answers
"""


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with Session(engine) as session:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = select(Entry.id, Entry.amount).order_by(Entry.id)  # wrong: whose?
        pairs = [(entry_id, amount) for entry_id, amount in session.execute(entries)]
    return render(pairs)
