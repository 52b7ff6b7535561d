"""Where there is no such account I have done nothing, so there is nothing to close either.

fails: nothing_left_open
mistake: LEFT_OPEN
"""


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    session = Session(engine)
    account = session.get(Account, account_id)
    if account is None:
        raise UnknownAccount(
            f"there is no account {account_id}"
        )  # wrong: the SELECT began a transaction, which stays open
    with session:
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        balance, seen = account.balance - amount, account.version
        write = (
            update(Account)
            .where(Account.id == account_id, Account.version == seen)
            .values(balance=balance, version=seen + 1)
        )
        if session.execute(write).rowcount == 0:
            raise Conflict(f"account {account_id} is no longer at version {seen}")
        session.commit()
        return balance
