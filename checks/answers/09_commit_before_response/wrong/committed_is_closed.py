"""COMMIT gives the connection back to the pool, so there is nothing to close.

fails: recovers
mistake: LEFT_OUT
"""

import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, FastAPI, Header, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

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


class NewAccount(BaseModel):
    owner: str = Field(min_length=1)
    branch_id: int = Field(ge=1, le=LARGEST)


class AccountOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)  # so that an Account can be returned as it is

    id: int
    owner: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start-up and shutdown: one engine for the whole app, and a sessionmaker where requests can find it."""
    # Wait at most a second for another writer.
    engine = create_engine(os.environ["DATABASE_URL"], connect_args={"timeout": 1})
    event.listen(engine, "connect", enforce_foreign_keys)
    Base.metadata.create_all(engine)
    app.state.sessions = sessionmaker(engine)
    yield
    engine.dispose()


def enforce_foreign_keys(connection: Any, record: Any) -> None:
    """SQLite ignores foreign keys unless each connection asks for them."""
    connection.execute("PRAGMA foreign_keys = ON")


app = FastAPI(lifespan=lifespan)


class Rejected(Exception):
    """What `screen` raises for an owner who may not have an account."""


def get_screen() -> Callable[[str], None]:
    """The screening: call it with an owner's name. The checks put their own in its place."""
    return logging.getLogger("screen").info


def get_mailer() -> Callable[[int], None]:
    """The mailer: call it with an account's id. The checks put their own in its place."""
    return logging.getLogger("mailer").info


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
    except BaseException:
        session.rollback()
        raise


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db, scope="function")]
Screen = Annotated[Callable[[str], None], Depends(get_screen)]
Mailer = Annotated[Callable[[int], None], Depends(get_mailer)]
User = Annotated[str, Header(alias="X-User", min_length=1)]
AccountId = Annotated[int, Path(ge=1, le=LARGEST)]


@app.exception_handler(IntegrityError)
def answer_conflict(request: Request, error: Exception) -> JSONResponse:
    """Every IntegrityError that a request ends with, wherever it was raised, is a 409."""
    return JSONResponse({"detail": "the owner has an account already, or there is no such branch"}, 409)



@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    db.flush()  # sends the INSERT: the id is known from here on, and a duplicate as well
    db.add(Audit(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise HTTPException(409, "the owner has an account already, or there is no such branch") from None
    tasks.add_task(mailer, account.id)  # wrong: reading the id begins another transaction
    return account


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    account = db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
