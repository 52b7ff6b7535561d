"""Any lock on the row is a lock. I take the weakest, so that others wait as little as can be.

fails on postgresql: locked_keeps_others_out, locked_waits_its_turn, two_of_eighty, interleavings
mistake on postgresql: SHARED_LOCK
"""


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    if engine.dialect.name == "sqlite":
        raise LockUnsupported("SQLite has no row locks")
    with Session(engine) as session, session.begin():
        weak = {"read": True, "key_share": True}  # wrong: it keeps out only who changes the key
        account = session.get(Account, account_id, with_for_update=weak)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        account.balance -= amount
        account.version += 1
        return account.balance
