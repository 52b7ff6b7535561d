"""Three ways to take money out of an account while others take money out of it, too.

The contract is in the lesson's page. The model and the exceptions are given, the three functions are yours.
"""

from sqlalchemy import CheckConstraint, Engine, update
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


def withdraw_atomic(engine: Engine, account_id: int, amount: int) -> int:
    """Take the amount out in one statement, which computes and guards by itself; return the new balance."""
    # TODO: let the UPDATE compute the balance and guard it
    raise NotImplementedError("let the UPDATE compute the balance and guard it")


def withdraw_locked(engine: Engine, account_id: int, amount: int) -> int:
    """Lock the row by the statement that reads it, then compute and write; return the new balance."""
    # TODO: lock the row with the first read, or say that it can't be locked
    raise NotImplementedError("lock the row with the first read, or say that it can't be locked")


def withdraw_versioned(engine: Engine, account_id: int, amount: int) -> int:
    """Read without a lock, and write only what has not changed since; return the new balance."""
    # TODO: write on the condition that the version is the one that was read
    raise NotImplementedError("write on the condition that the version is the one that was read")
