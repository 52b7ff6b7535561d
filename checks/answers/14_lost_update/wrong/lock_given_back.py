"""First one transaction that finds and locks the account, then one that writes: the row stays locked until I am done.

fails on postgresql: locked_keeps_others_out, two_of_eighty, interleavings
mistake on postgresql: LOCK_GIVEN_BACK
"""


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    if engine.dialect.name == "sqlite":
        raise LockUnsupported("SQLite has no row locks")
    with Session(engine) as session:
        with session.begin():
            account = session.get(Account, account_id, with_for_update=True)
            if account is None:
                raise UnknownAccount(f"there is no account {account_id}")
        with session.begin():  # wrong: the lock went with the transaction before
            if account.balance < amount:
                raise Insufficient(f"account {account_id} holds less than {amount}")
            account.balance -= amount
            account.version += 1
            return account.balance
