"""Unlike the solution: does not stand in line for the lock, but asks for it again until it gets it."""

import time

from sqlalchemy.exc import OperationalError


def withdraw_at_once(engine: Engine, account_id: int, amount: int) -> int:
    """Lock, compute and write, or raise OperationalError where somebody else has the lock."""
    with Session(engine) as session, session.begin():
        account = session.get(Account, account_id, with_for_update={"nowait": True})
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        account.balance -= amount
        account.version += 1
        return account.balance


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    if engine.dialect.name == "sqlite":
        raise LockUnsupported("SQLite has no row locks")
    while True:
        try:
            return withdraw_at_once(engine, account_id, amount)
        except OperationalError as error:
            if error.orig.sqlstate != "55P03":  # lock_not_available: somebody else has it
                raise
        time.sleep(0.01)
