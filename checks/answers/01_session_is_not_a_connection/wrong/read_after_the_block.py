"""An object is an object: what it held inside the block it holds outside as well.

fails: answers, visible_in_announce, none_out_in_announce, plain_types, one_engine
mistake: DETACHED
"""

from collections.abc import Callable

from sqlalchemy import Engine, ForeignKey, select
from sqlalchemy.exc import IntegrityError
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
        raise ValueError(f"a balance of {balance} is below 0")
    with Session(engine) as session:
        account = Account(owner=owner, balance=balance)
        session.add(account)
        try:
            session.flush()  # sends the INSERT: from here on the id is known, and so is a duplicate
        except IntegrityError as error:
            raise ValueError(f"{owner} has an account already") from error
        session.commit()
    announce(account.id)  # wrong: COMMIT has expired it, and its session is closed
    return account.id


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
