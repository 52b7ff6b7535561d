"""Unlike the solution: every statement is text, and each transaction is ended by hand."""

from sqlalchemy import text

ONE = "SELECT balance, version FROM accounts WHERE id = :id"


def refused(session: Session, account_id: int, amount: int) -> Exception:
    """Return the exception for a withdrawal that found no account, or too little in it."""
    if session.execute(text(ONE), {"id": account_id}).first() is None:
        return UnknownAccount(f"there is no account {account_id}")
    return Insufficient(f"account {account_id} holds less than {amount}")


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    take = (
        "UPDATE accounts SET balance = balance - :n, version = version + 1 WHERE id = :id AND balance >= :n"
    )
    session = Session(engine)
    try:
        if session.execute(text(take), {"id": account_id, "n": amount}).rowcount == 0:
            raise refused(session, account_id, amount)
        balance = session.execute(text(ONE), {"id": account_id}).one().balance
        session.commit()
        return balance
    finally:
        session.close()


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    if engine.dialect.name == "sqlite":
        raise LockUnsupported("SQLite has no row locks")

    session = Session(engine)
    try:
        row = session.execute(text(ONE + " FOR UPDATE"), {"id": account_id}).first()
        if row is None or row.balance < amount:
            raise refused(session, account_id, amount)
        write = "UPDATE accounts SET balance = :balance, version = version + 1 WHERE id = :id"
        session.execute(text(write), {"id": account_id, "balance": row.balance - amount})
        session.commit()
        return row.balance - amount
    finally:
        session.close()


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    session = Session(engine)
    try:
        row = session.execute(text(ONE), {"id": account_id}).first()
        if row is None or row.balance < amount:
            raise refused(session, account_id, amount)
        write = (
            "UPDATE accounts SET balance = :balance, version = version + 1 WHERE id = :id AND version = :v"
        )
        values = {"id": account_id, "balance": row.balance - amount, "v": row.version}
        if session.execute(text(write), values).rowcount == 0:
            raise Conflict(f"account {account_id} is no longer at version {row.version}")
        session.commit()
        return row.balance - amount
    finally:
        session.close()
