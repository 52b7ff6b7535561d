"""Unlike the solution: one function takes the driver's own connection out of the engine's pool, and gives it back."""

import sqlite3


def add_account(engine: Engine, owner: str, balance: int, announce: Callable[[int], None]) -> int:
    """Store an account, tell `announce` its id once it is stored for good, and return the id.

    Raises ValueError for a balance below 0 and for an owner who has an account: then nothing is stored, and
    nothing is announced.
    """
    if balance < 0:
        raise ValueError(balance)
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("INSERT INTO accounts (owner, balance) VALUES (?, ?)", (owner, balance))
        number = cursor.lastrowid
        raw.commit()
    except sqlite3.IntegrityError as error:
        raise ValueError(owner) from error
    finally:
        raw.close()
    announce(number)
    return number
