"""Only one thread at a time gets past the lock, so nobody can write between my read and my write.

fails: locked_keeps_others_out, locked_waits_its_turn, locked_without_row_locks, two_of_eighty, interleavings
mistake on postgresql: NOT_LOCKED
mistake on sqlite: NO_ROW_LOCKS
"""

import threading

one_at_a_time = threading.Lock()


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    with (
        one_at_a_time,
        Session(engine) as session,
        session.begin(),
    ):  # wrong: another process has a lock of its own
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")

        account.balance -= amount
        account.version += 1
        return account.balance
