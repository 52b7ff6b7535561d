"""Unlike the solution: a second mapping of the table has `version_id_col`, and every flush then compares
and raises the version.
"""

from sqlalchemy.orm.exc import StaleDataError


class VersionedAccount(Base):
    __table__ = Account.__table__
    __mapper_args__ = {"version_id_col": Account.__table__.c.version}


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    if engine.dialect.name == "sqlite":
        raise LockUnsupported("SQLite has no row locks")

    with Session(engine) as session, session.begin():
        account = session.get(VersionedAccount, account_id, with_for_update=True)
        if account is None:
            raise UnknownAccount(f"there is no account {account_id}")
        if account.balance < amount:
            raise Insufficient(f"account {account_id} holds less than {amount}")
        account.balance -= amount
        return account.balance


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")

    try:
        with Session(engine) as session, session.begin():
            account = session.get(VersionedAccount, account_id)
            if account is None:
                raise UnknownAccount(f"there is no account {account_id}")
            if account.balance < amount:
                raise Insufficient(f"account {account_id} holds less than {amount}")
            account.balance -= amount
            return account.balance
    except StaleDataError as error:
        raise Conflict(f"account {account_id} has changed since it was read") from error
