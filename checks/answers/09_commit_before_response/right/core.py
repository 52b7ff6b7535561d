"""Unlike the solution: Core and not the ORM. The dependency yields a connection, inside a transaction."""

import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import (
    BackgroundTasks,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Path,
    Request,
)
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, ForeignKey, Row, create_engine, event, insert, select
from sqlalchemy.exc import IntegrityError
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
    app.state.engine = engine
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


def get_db(request: Request) -> Iterator[Connection]:
    """Yield this request's connection; afterwards commit what was done on it, or roll it back."""
    with request.app.state.engine.begin() as connection:
        yield connection


Db = Annotated[Connection, Depends(get_db, scope="function")]
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
) -> Row:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    values = {"owner": new.owner, "branch_id": new.branch_id}
    account = db.execute(insert(Account).values(values).returning(Account.id, Account.owner)).one()
    db.execute(insert(Audit).values(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, db: Db) -> Row:
    """The account with this id; 404 where there is none."""
    account = db.execute(select(Account.id, Account.owner).where(Account.id == account_id)).first()
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
