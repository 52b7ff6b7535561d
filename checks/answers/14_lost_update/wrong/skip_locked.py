"""SKIP LOCKED leaves alone what others are working on, so there is nothing to wait for.

fails on postgresql: locked_waits_its_turn, interleavings
mistake on postgresql: DID_NOT_WAIT
"""


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    if (
        engine.dialect.name == "sqlite"
    ):  # SQLAlchemy would leave FOR UPDATE out of the statement, and say nothing
        raise LockUnsupported("SQLite has no row locks")
    with Session(engine) as session, session.begin():
        account = session.get(
            Account, account_id, with_for_update={"skip_locked": True}
        )  # wrong: a locked row is not found
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        account.balance -= amount
        account.version += 1
        return account.balance
