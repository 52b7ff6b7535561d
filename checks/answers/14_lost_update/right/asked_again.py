"""Unlike the solution: does not stand in line for the lock, but asks for it again until it gets it."""

import time

from sqlalchemy import CheckConstraint, Engine, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("balance >= 0"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]  # in cents
    version: Mapped[int] = mapped_column(default=1)  # whoever writes the row raises it by one


class UnknownAccount(Exception):
    """There is no account with this id."""


class Insufficient(Exception):
    """The account holds less than the amount."""


class Conflict(Exception):
    """Somebody else has changed the row since it was read."""


class LockUnsupported(Exception):
    """This database can't lock a row."""


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


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    take = (
        update(Account)
        .where(Account.id == account_id, Account.balance >= amount)
        .values(balance=Account.balance - amount, version=Account.version + 1)
        .returning(Account.balance)
    )
    with Session(engine) as session, session.begin():
        balance = session.scalar(take)
        if balance is None:  # no row met both conditions: which of them failed?
            if session.get(Account, account_id) is None:
                raise UnknownAccount(f"there is no account {account_id}")
            raise Insufficient(f"account {account_id} holds less than {amount}")
    return balance


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


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    if amount <= 0:
        raise ValueError(f"{amount} is no amount to withdraw")
    with Session(engine) as session, session.begin():
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
