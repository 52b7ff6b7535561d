"""Whoever has no account has no money.

fails: answers
mistake: UNKNOWN_IS_ZERO
"""


def get_balance(engine: Engine, account_id: int) -> int:
    """Return the account's balance in cents; raises LookupError where there is no such account."""
    with Session(engine) as session:
        balance = session.scalar(select(Account.balance).where(Account.id == account_id))
    return balance or 0  # wrong: an account that does not exist and an empty one look the same
