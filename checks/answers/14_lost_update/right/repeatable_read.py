"""Unlike the solution: on PostgreSQL the isolation level compares the versions, of its own, and refuses by
error 40001.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError


@contextmanager
def snapshot(engine: Engine, account_id: int) -> Iterator[Session]:
    """Yield a session whose transaction is refused, by Conflict, where it writes what others have changed."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with Session(engine) as session, session.begin():
            yield session
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != "40001":
            raise
        raise Conflict(f"account {account_id} has changed since it was read") from error


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    with snapshot(engine, account_id) as session:
        account = session.get(Account, account_id)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        balance, seen = account.balance - amount, account.version
        write = (
            update(Account)
            .where(Account.id == account_id, Account.version == seen)
            .values(balance=balance, version=seen + 1)
        )
        if session.execute(write).rowcount == 0:
            raise Conflict(f"account {account_id} is no longer at version {seen}")
        return balance
