"""What SQLAlchemy prints on aiosqlite. Each provocation gets the URL of a new database."""

import asyncio
import contextlib
import gc

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from provocations import prints
from provocations.shop import Customer, shop


@contextlib.asynccontextmanager
async def async_shop(url):
    """Yield an async engine whose pool is cold, on a shop."""
    with shop(url):
        pass
    engine = create_async_engine(url.replace("sqlite", "sqlite+aiosqlite"))
    try:
        yield engine
    finally:
        await engine.dispose()


@prints("sqlalchemy.exc.MissingGreenlet")
async def lazy(url):
    async with async_shop(url) as engine, AsyncSession(engine) as session:
        print((await session.get(Customer, 1)).orders)


@prints("sqlalchemy.exc.InvalidRequestError: This session is provisioning a new connection")
async def gathered(url):
    async with async_shop(url) as engine, AsyncSession(engine) as session:
        got = await asyncio.gather(*(session.get(Customer, n) for n in (1, 2, 3)), return_exceptions=True)
        raise next(each for each in got if isinstance(each, Exception))


@prints("sqlalchemy.exc.IllegalStateChangeError")
async def closed_meanwhile(url):
    async with async_shop(url) as engine:
        session = AsyncSession(engine)
        asking = asyncio.create_task(session.get(Customer, 1))
        await asyncio.wait([asking], timeout=0)  # lets it begin: it now connects
        try:
            await session.close()
        finally:
            await asking
            await session.close()


@prints("sqlalchemy.exc.InvalidRequestError: Session is already flushing")
async def flushed_twice(url):
    async with async_shop(url) as engine, AsyncSession(engine) as session:
        await session.get(Customer, 1)
        session.add_all([Customer(email="sam@example.org"), Customer(email="tom@example.org")])
        got = await asyncio.gather(session.flush(), session.flush(), return_exceptions=True)
        raise next(each for each in got if isinstance(each, Exception))


@prints("RuntimeError: asyncio.run() cannot be called from a running event loop")
async def run_in_loop(url):
    async def ask():
        """Never gets to run."""

    asking = ask()
    try:
        asyncio.run(asking)
    finally:
        asking.close()


@prints("SAWarning: The garbage collector is trying to clean up")
async def left_behind(url):
    async with async_shop(url) as engine:
        session = AsyncSession(engine)
        await session.scalars(select(Customer))
        del session
        gc.collect()
