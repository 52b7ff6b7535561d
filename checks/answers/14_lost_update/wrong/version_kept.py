"""The version is for those who read first and write later. My UPDATE reads nothing, so it needs none.

fails: answers, atomic_counts_all, locked_waits_its_turn, two_of_eighty, interleavings
mistake: VERSION_KEPT
"""


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    take = (
        update(Account)
        .where(Account.id == account_id, Account.balance >= amount)
        .values(balance=Account.balance - amount)  # wrong: those who read before can't notice that it changed
        .returning(Account.balance)
    )
    with Session(engine) as session, session.begin():
        balance = session.scalar(take)
        if balance is None:  # no row met both conditions: which of them failed?
            if session.get(Account, account_id) is None:
                raise UnknownAccount(f"there is no account {account_id}")
            raise Insufficient(f"account {account_id} holds less than {amount}")
    return balance
