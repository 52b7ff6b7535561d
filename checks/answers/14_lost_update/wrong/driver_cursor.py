"""SQL is SQL: the driver's own cursor sends it without the detour.

fails: answers
mistake: UNSEEN
"""


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    connection = engine.raw_connection()  # wrong: what its cursor sends nobody sees
    try:
        cursor = connection.cursor()
        cursor.execute(f"SELECT balance, version FROM accounts WHERE id = {mark}", (account_id,))
        row = cursor.fetchone()
        if row is None:
            raise UnknownAccount(f"there is no account {account_id}")
        balance, seen = row
        if balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        write = f"UPDATE accounts SET balance = {mark}, version = {mark} WHERE id = {mark}"
        cursor.execute(write, (balance - amount, seen + 1, account_id))
        connection.commit()
        return balance - amount
    finally:
        connection.close()
