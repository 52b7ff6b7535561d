"""Whatever is raised at the yield comes from the database, and the client is told of a 500.

fails: answers, closed_after_http_error, closed_after_crash, closed_after_invalid
"""

import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import create_engine, select
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
    session = request.app.state.sessions()
    try:
        yield session
    except Exception:  # wrong: the 404, the 422 and the auditor's error come by here as well
        raise HTTPException(500, "database error") from None
    finally:
        session.close()


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db)]
Auditor = Annotated[Callable[[str], None], Depends(get_auditor)]
AccountId = Annotated[int, Path(ge=1, le=LARGEST)]


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it; 409 where the owner has one already."""
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    try:
        db.commit()
    except IntegrityError:
        raise HTTPException(409, f"{new.owner} has an account already") from None
    return account


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    account = db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account


@app.post("/accounts/{account_id}/audit")
def audit_account(account_id: AccountId, db: Db, auditor: Auditor) -> dict[str, str]:
    """Call the auditor with the account's owner and say who was audited; 404 where there is none."""
    owner = db.scalar(select(Account.owner).where(Account.id == account_id))
    if owner is None:
        raise HTTPException(404, f"there is no account {account_id}")
    auditor(owner)
    return {"audited": owner}
