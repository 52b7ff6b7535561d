"""Nothing found means no such account.

fails: answers
mistake: EMPTY_IS_UNKNOWN
"""


def get_balance(engine: Engine, account_id: int) -> int:
    """Return the account's balance in cents; raises LookupError where there is no such account."""
    with Session(engine) as session:
        balance = session.scalar(select(Account.balance).where(Account.id == account_id))
    if not balance:  # wrong: 0 is a balance
        raise LookupError(f"there is no account {account_id}")
    return balance


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with Session(engine) as session:
        entries = select(Entry.id, Entry.amount).where(Entry.account_id == account_id).order_by(Entry.id)
        pairs = [(entry_id, amount) for entry_id, amount in session.execute(entries)]
    if not pairs:  # wrong: an account may have no entries
        raise LookupError(f"there is no account {account_id}")
    return render(pairs)
