"""The row is flushed and has its id, so the mailer can be told.

fails: commit_time_conflict
mistake: MAILED_EARLY
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from bank import (
    Account,
    AccountId,
    AccountOut,
    Audit,
    Base,
    Mailer,
    NewAccount,
    Rejected,
    Screen,
    User,
    enforce_foreign_keys,
)
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    async with request.app.state.sessions() as session, session.begin():
        yield session


Db = Annotated[AsyncSession, Depends(get_async_db, scope="function")]
router = APIRouter()


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    await db.flush()
    db.add(Audit(who=user, account_id=account.id))
    try:
        await run_in_threadpool(screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    await run_in_threadpool(mailer, account.id)  # wrong: COMMIT is still to come
    return account


@router.get("/accounts/{account_id}", response_model=AccountOut)
async def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    account = await db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account


@router.get("/health")
async def health() -> dict[str, str]:
    """Says that the app runs; what the database does is another question."""
    return {"status": "ok"}


def answer_conflict(request: Request, error: Exception) -> JSONResponse:
    """Every IntegrityError that a request ends with, wherever it was raised, is a 409."""
    return JSONResponse({"detail": "the owner has an account already, or there is no such branch"}, 409)


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(url)
        try:
            enforce_foreign_keys(engine.sync_engine)  # it puts a listener on: those want the engine inside
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            # After a COMMIT attributes keep their values: to load one again would take an await.
            app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
            yield
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app


def from_environment() -> FastAPI:
    """Return the app on the database that DATABASE_URL names."""
    return create_app(os.environ["DATABASE_URL"])
