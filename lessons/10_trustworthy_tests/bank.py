"""A bank over HTTP, given: what your tests are about. This is its contract.

Accounts

1. `POST /accounts` with `{"owner": "ann", "balance": 500}` answers 201 and the account: `id`, `owner`, `balance`.
2. What a 201 reports is stored when the 201 arrives: any other connection finds it.
3. An owner who has an account already: 409.
4. An empty owner, or a balance below 0: 422.
5. `GET /accounts/{id}` answers 200 and the account's `id`, `owner` and `balance`.
6. There is no account with this id: 404.

Transfers

7. `POST /transfers` with `{"source_id": 1, "target_id": 2, "amount": 30}` answers 201 and the transfer: its `id` and
   these three.
8. The source's balance is then lower by the amount.
9. The target's balance is then higher by the amount.
10. An amount below 1: 422.
11. The source holds less than the amount: 409.
12. There is no such source or target: 404.
13. A transfer that is refused changes no balance.

Run it by hand:

    DATABASE_URL=sqlite:///bank.db uvicorn bank:app
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

LARGEST = 2**31 - 1  # what an INTEGER column holds on every database


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(unique=True)
    balance: Mapped[int]  # in cents


class Transfer(Base):
    __tablename__ = "transfers"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    amount: Mapped[int]  # in cents


class NewAccount(BaseModel):
    owner: str = Field(min_length=1)
    balance: int = Field(ge=0, le=LARGEST)


class AccountOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)  # so that an Account can be returned as it is

    id: int
    owner: str
    balance: int


class NewTransfer(BaseModel):
    source_id: int = Field(ge=1, le=LARGEST)
    target_id: int = Field(ge=1, le=LARGEST)
    amount: int = Field(ge=1, le=LARGEST)


class TransferOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    source_id: int
    target_id: int
    amount: int


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens."""
    with request.app.state.sessions() as session:
        yield session


Db = Annotated[Session, Depends(get_db)]
AccountId = Annotated[int, Path(ge=1, le=LARGEST)]
router = APIRouter()


@router.post("/accounts", status_code=201, response_model=AccountOut)
def open_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it."""
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    try:
        db.commit()
    except IntegrityError:
        raise HTTPException(409, f"{new.owner} has an account already") from None
    return account


@router.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, db: Db) -> Account:
    """Answer with the account."""
    account = db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account


@router.post("/transfers", status_code=201, response_model=TransferOut)
def transfer(new: NewTransfer, db: Db) -> Transfer:
    """Move the amount from one account to another."""
    source = db.get(Account, new.source_id)
    target = db.get(Account, new.target_id)
    if source is None or target is None:
        raise HTTPException(404, "there is no such account")
    if source.balance < new.amount:
        raise HTTPException(409, f"account {source.id} holds less than {new.amount}")
    source.balance -= new.amount
    target.balance += new.amount
    made = Transfer(source_id=source.id, target_id=target.id, amount=new.amount)
    db.add(made)
    db.commit()
    return made


def create_app(url: str) -> FastAPI:
    """Return the bank on the database at `url`: one engine, from the app's start-up to its shutdown."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(url)
        Base.metadata.create_all(engine)
        app.state.sessions = sessionmaker(engine)
        yield
        engine.dispose()

    app = FastAPI(title="Bank", lifespan=lifespan)
    app.include_router(router)
    return app


# The bank as its customers use it.
app = create_app(os.environ.get("DATABASE_URL", "sqlite:///bank.db"))
