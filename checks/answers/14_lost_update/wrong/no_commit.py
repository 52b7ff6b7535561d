"""The with block ends the session, and with it the transaction is done.

fails: answers, atomic_counts_all, locked_waits_its_turn, interleavings
mistake: NO_COMMIT
"""


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    take = (
        update(Account)
        .where(Account.id == account_id, Account.balance >= amount)
        .values(balance=Account.balance - amount, version=Account.version + 1)
        .returning(Account.balance)
    )
    with Session(engine) as session:  # wrong: closing a session undoes what it has not committed
        balance = session.scalar(take)
        if balance is None:  # no row met both conditions: which of them failed?
            if session.get(Account, account_id) is None:
                raise UnknownAccount(f"there is no account {account_id}")
            raise Insufficient(f"account {account_id} holds less than {amount}")
    return balance
