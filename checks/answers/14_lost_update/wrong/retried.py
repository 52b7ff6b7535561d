"""A conflict is nothing that a caller should have to know of: I read again, and try again.

fails: versioned_sees_changes
mistake: STALE_RETRY
"""


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    while True:  # wrong: whether to try again is the caller's to decide
        with Session(engine) as session, session.begin():
            account = session.get(Account, account_id)
            if account is None:
                raise UnknownAccount(f"there is no account {account_id}")
            if account.balance < amount:
                raise Insufficient(f"account {account_id} holds less than {amount}")

            balance, seen = account.balance - amount, account.version
            write = (
                update(Account)
                .where(Account.id == account_id, Account.version == seen)
                .values(balance=balance, version=seen + 1)
            )
            if session.execute(write).rowcount == 1:
                return balance
