"""What SQLAlchemy prints on aiosqlite. Each provocation gets the URL of a new database."""

import asyncio
import contextlib
import gc

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.util import await_only

from provocations import prints
from provocations.shop import Base, Customer, shop


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
    other_came = asyncio.Event()
    async with async_shop(url) as engine, AsyncSession(engine) as session:
        session.add(Customer(email="sam@example.org"))
        event.listen(session.sync_session, "before_flush", lambda *_: await_only(other_came.wait()))
        flushing = asyncio.create_task(session.flush())
        await asyncio.wait([flushing], timeout=0)  # lets it begin: it now flushes
        try:
            await session.flush()
        finally:
            other_came.set()
            await flushing


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


@prints("RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited")
async def not_awaited(url):
    async with async_shop(url) as engine, AsyncSession(engine) as session:
        session.add(Customer(email="sam@example.org"))
        session.commit()


@prints("TypeError: object NoneType can't be used in 'await' expression")
async def awaited_add(url):
    async with async_shop(url) as engine, AsyncSession(engine) as session:
        await session.add(Customer(email="sam@example.org"))


@prints("AttributeError: 'coroutine' object has no attribute 'id'")
async def get_not_awaited(url):
    async with async_shop(url) as engine, AsyncSession(engine) as session:
        customer = session.get(Customer, 1)
        try:
            print(customer.id)
        finally:
            customer.close()


@prints("sqlalchemy.exc.InvalidRequestError: The asyncio extension requires an async driver to be used.")
async def sync_driver(url):
    create_async_engine(url)


@prints("NotImplementedError: asynchronous events are not implemented at this time.")
async def listener_on_async_engine(url):
    async with async_shop(url) as engine:
        event.listen(engine, "connect", print)


@prints("AttributeError: 'AsyncConnection' object has no attribute '_run_ddl_visitor'")
async def tables_on_async_connection(url):
    async with async_shop(url) as engine, engine.begin() as connection:
        Base.metadata.create_all(connection)


@prints("AttributeError: 'AsyncSession' object has no attribute 'query'")
async def query(url):
    async with async_shop(url) as engine, AsyncSession(engine) as session:
        session.query(Customer)
