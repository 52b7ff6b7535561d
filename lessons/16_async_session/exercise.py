"""The bank of lesson 09 on asyncio: while one request waits for the database, the others go on.

The contract is in the lesson's page. Models, schemas, screening and mail are given in bank.py; the app is yours.
Run it by hand, beside these files, with a database file of its own:

    DATABASE_URL=sqlite+aiosqlite:///bank.db uvicorn --factory exercise:from_environment
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
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    # TODO: a session for this request alone; commit or roll back, and close
    raise NotImplementedError("a session for this request alone; commit or roll back, and close")


# TODO: the endpoints, and what answers 409


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    # TODO: an app with a lifespan of its engine, and with the endpoints
    raise NotImplementedError("an app with a lifespan of its engine, and with the endpoints")


def from_environment() -> FastAPI:
    """Return the app on the database that DATABASE_URL names."""
    return create_app(os.environ["DATABASE_URL"])
