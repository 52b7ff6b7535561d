"""The bank, given: what does not change when an app goes async. Models, schemas, screening and mail."""

import logging
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine, ForeignKey, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

LARGEST = 2**31 - 1  # what an INTEGER column holds on every database


class Base(DeclarativeBase):
    pass


class Branch(Base):
    __tablename__ = "branches"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(unique=True)
    # Deferred: the database asks at COMMIT, and not before, whether there is such a branch.
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id", deferrable=True, initially="DEFERRED"))


class Audit(Base):
    """Who opened which account. There is no foreign key: the log outlives the accounts."""

    __tablename__ = "audits"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str]
    account_id: Mapped[int]


def enforce_foreign_keys(engine: Engine) -> None:
    """Let SQLite check foreign keys on each connection of this engine; other databases do so anyway."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _check_foreign_keys)


def _check_foreign_keys(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


class NewAccount(BaseModel):
    owner: str = Field(min_length=1)
    branch_id: int = Field(ge=1, le=LARGEST)


class AccountOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)  # so that an Account can be returned as it is

    id: int
    owner: str


User = Annotated[str, Header(alias="X-User", min_length=1)]
AccountId = Annotated[int, Path(ge=1, le=LARGEST)]


class Rejected(Exception):
    """What `screen` raises for an owner who may not have an account."""


def get_screen() -> Callable[[str], None]:
    """The screening: call it with an owner's name, and wait. It is no coroutine, and it takes its time."""
    return logging.getLogger("screen").info


def get_mailer() -> Callable[[int], None]:
    """The mailer: call it with an account's id, and wait. It is no coroutine, and it takes its time."""
    return logging.getLogger("mailer").info


Screen = Annotated[Callable[[str], None], Depends(get_screen)]
Mailer = Annotated[Callable[[int], None], Depends(get_mailer)]
