"""Dependencies that put a session on another database in the place of a submission's, as a test would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session


def other(url: str) -> Callable[[], Iterator[Session]]:
    """Return a dependency that yields a Session on the database of this URL, and closes it."""
    engine = create_engine(url)

    def session() -> Iterator[Session]:
        with Session(engine) as opened:
            yield opened

    return session


def other_async(url: str) -> Callable[[], AsyncIterator[AsyncSession]]:
    """Return a dependency that yields an AsyncSession on the database of this URL, and closes it."""
    engine = create_async_engine(url)

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as opened:
            yield opened

    return session
