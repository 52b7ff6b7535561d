"""I read and write inside one transaction, and a transaction isolates me from everybody else.

fails: atomic_counts_all, locked_waits_its_turn, two_of_eighty, interleavings
mistake: READ_COMPUTE_WRITE
"""


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    with Session(engine) as session, session.begin():
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")

        account.balance -= (
            amount  # wrong: sends the number that comes of what was read, whatever is there by now
        )
        account.version += 1
        return account.balance
