"""If the balance is still what I read, nobody has changed it. I need no version for that.

fails: versioned_sees_changes
mistake: BALANCE_AS_VERSION
"""


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    with Session(engine) as session, session.begin():
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")

        before = account.balance
        write = (
            update(Account)
            .where(
                Account.id == account_id, Account.balance == before
            )  # wrong: it may have gone down and up again
            .values(balance=before - amount, version=Account.version + 1)
        )
        if session.execute(write).rowcount == 0:
            raise Conflict(f"account {account_id} no longer holds {before}")
        return before - amount
