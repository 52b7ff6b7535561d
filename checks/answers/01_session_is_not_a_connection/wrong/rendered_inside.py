"""Reading changes nothing, so it does no harm to stay inside the block while I render.

fails: none_out_in_render
mistake: HELD_DURING_CALL
"""


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with Session(engine) as session:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = select(Entry.id, Entry.amount).where(Entry.account_id == account_id).order_by(Entry.id)
        pairs = [(entry_id, amount) for entry_id, amount in session.execute(entries)]
        return render(
            pairs
        )  # wrong: the SELECT began a transaction, which keeps its connection until it ends
