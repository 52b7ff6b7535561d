"""Unlike the solution: one function takes the driver's own connection out of the engine's pool, and gives it back."""

import sqlite3
from collections.abc import Callable

from sqlalchemy import Engine, ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(unique=True)
    balance: Mapped[int]  # in cents


class Entry(Base):
    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    amount: Mapped[int]  # in cents


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


def get_balance(engine: Engine, account_id: int) -> int:
    """Return the account's balance in cents; raises LookupError where there is no such account."""
    with Session(engine) as session:
        balance = session.scalar(select(Account.balance).where(Account.id == account_id))
    if balance is None:
        raise LookupError(f"there is no account {account_id}")
    return balance


def statement(engine: Engine, account_id: int, render: Callable[[list[tuple[int, int]]], str]) -> str:
    """Return what `render` makes of the account's entries: (entry id, amount) pairs, by entry id.

    Raises LookupError where there is no such account: then nothing is rendered.
    """
    with Session(engine) as session:
        if session.get(Account, account_id) is None:
            raise LookupError(f"there is no account {account_id}")
        entries = select(Entry.id, Entry.amount).where(Entry.account_id == account_id).order_by(Entry.id)
        pairs = [(entry_id, amount) for entry_id, amount in session.execute(entries)]
    return render(pairs)
