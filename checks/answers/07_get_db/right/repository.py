"""Unlike the solution: the endpoints ask for an object that works with the session, and never see it themselves."""

import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

LARGEST = 2**31 - 1  # what an INTEGER column holds on every database


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(unique=True)
    balance: Mapped[int]  # in cents


class NewAccount(BaseModel):
    owner: str = Field(min_length=1)
    balance: int = Field(ge=0, le=LARGEST)


class AccountOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)  # so that an Account can be returned as it is

    id: int
    owner: str
    balance: int


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start-up and shutdown: one engine for the whole app, and a sessionmaker where requests can find it."""
    engine = create_engine(os.environ["DATABASE_URL"])
    Base.metadata.create_all(engine)
    app.state.sessions = sessionmaker(engine)
    yield
    engine.dispose()


app = FastAPI(lifespan=lifespan)


def get_auditor() -> Callable[[str], None]:
    """The auditor: something to call with an owner's name. The checks put their own in its place."""
    return logging.getLogger("audit").info


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions() as session:
        yield session


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db)]
Auditor = Annotated[Callable[[str], None], Depends(get_auditor)]
AccountId = Annotated[int, Path(ge=1, le=LARGEST)]


class Accounts:
    def __init__(self, db: Db) -> None:
        self.db = db

    def find(self, number: int) -> Account:
        try:
            return self.db.execute(select(Account).where(Account.id == number)).scalar_one()
        except NoResultFound:
            raise HTTPException(404) from None

    def add(self, new: NewAccount) -> Account:
        if self.db.scalar(select(func.count()).where(Account.owner == new.owner)):
            raise HTTPException(409)
        with self.db.begin_nested():
            account = Account(**new.model_dump())
            self.db.add(account)
        self.db.commit()
        self.db.refresh(account)
        return account


Repo = Annotated[Accounts, Depends()]


@app.post("/accounts", status_code=201)
def add_account(new: NewAccount, accounts: Repo) -> AccountOut:
    return AccountOut.model_validate(accounts.add(new))


@app.get("/accounts/{account_id}")
def read_account(account_id: AccountId, accounts: Repo) -> AccountOut:
    return accounts.find(account_id)


@app.post("/accounts/{account_id}/audit")
def audit_account(account_id: AccountId, accounts: Repo, auditor: Auditor):
    owner = accounts.find(account_id).owner
    auditor(owner)
    return JSONResponse({"audited": owner})
