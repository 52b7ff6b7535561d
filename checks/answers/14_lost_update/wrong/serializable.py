"""At the isolation level SERIALIZABLE transactions run as if one after the other, so I need no lock.

fails: locked_keeps_others_out, locked_waits_its_turn, locked_without_row_locks, two_of_eighty, interleavings
mistake on postgresql: LIBRARY_ERROR
mistake on sqlite: NO_ROW_LOCKS
"""


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    serializable = engine.execution_options(isolation_level="SERIALIZABLE")
    # wrong: PostgreSQL cancels one of two that collide; Python's driver for SQLite begins no transaction for a SELECT
    with Session(serializable) as session, session.begin():
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")

        account.balance -= amount
        account.version += 1
        return account.balance
