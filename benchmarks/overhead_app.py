"""An app for measuring what the recorder costs: a sync and an async endpoint, each with a session of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

URL = os.environ["DATABASE_URL"]
app = FastAPI()
engine = create_engine(URL)
async_engine = create_async_engine(URL.replace("sqlite:", "sqlite+aiosqlite:"))
sessions, async_sessions = sessionmaker(engine), async_sessionmaker(async_engine)


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"

    id: Mapped[int] = mapped_column(primary_key=True)


def get_db() -> Iterator[Session]:
    """A session for one request."""
    with sessions() as session:
        yield session


async def get_async_db() -> AsyncIterator[AsyncSession]:
    """An async session for one request."""
    async with async_sessions() as session:
        yield session


@app.post("/sync")
def add(db: Annotated[Session, Depends(get_db)]) -> dict[str, int]:
    """Store a row and read it again."""
    row = Row()
    db.add(row)
    db.commit()
    return {"id": db.scalar(select(Row.id).where(Row.id == row.id)) or 0}


@app.post("/async")
async def add_async(db: Annotated[AsyncSession, Depends(get_async_db)]) -> dict[str, int]:
    """Store a row and read it again."""
    row = Row()
    db.add(row)
    await db.commit()
    await db.refresh(row)
    return {"id": await db.scalar(select(Row.id).where(Row.id == row.id)) or 0}


async def serve(recorded: bool, count: int) -> None:
    """For each line of standard input, "sync" or "async", send so many requests, and write how long they took."""
    Base.metadata.create_all(engine)
    while line := sys.stdin.readline():
        print(await _block(f"/{line.strip()}", recorded, count), flush=True)


async def _block(path: str, recorded: bool, count: int) -> float:
    with _recording() if recorded else nullcontext():
        began = time.perf_counter()
        for _ in range(count):
            await _request(path)
        return time.perf_counter() - began


def _recording() -> Any:
    from sessionlab import record

    return record()


async def _request(path: str) -> None:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "scheme": "http",
        "server": ("bank.test", 80),
        "client": ("127.0.0.1", 50000),
    }
    await app(scope, _receive, _send)


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(message: Any) -> None:
    if message["type"] == "http.response.start" and message["status"] != 200:
        raise RuntimeError(f"the app answered {message['status']}")
