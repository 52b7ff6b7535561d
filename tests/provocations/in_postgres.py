"""What PostgreSQL and its drivers print. Each provocation gets the URL of a new database."""

import asyncio
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from provocations import prints
from provocations.shop import Customer, Order, shop

READ = text("SELECT count(*) FROM customers")


def write(number):
    """Return a statement that changes the row with this id."""
    return text(f"UPDATE customers SET email = email || '!' WHERE id = {number}")


@contextmanager
def watcher(url):
    """Yield a connection that looks at others, outside of any transaction."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def pid(connection):
    """Return the server process of a connection or session."""
    return connection.scalar(text("SELECT pg_backend_pid()"))


def end(url, process):
    """Let the server end a connection, as a restart does, and return when it is gone."""
    with watcher(url) as looking:
        looking.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": process})


def until(looking, question, process):
    """Ask the server about one of its processes until it says yes."""
    assert any(looking.scalar(text(question), {"pid": process}) for _ in range(100_000))


@prints("(psycopg.errors.UniqueViolation) duplicate key value")
def taken(url):
    with shop(url) as engine, Session(engine) as session:
        session.add(Customer(email="eve@example.org"))
        session.commit()


@prints("(psycopg.errors.ForeignKeyViolation)")
def no_such_parent(url):
    with shop(url) as engine, Session(engine) as session:
        session.add(Order(customer_id=99))
        session.commit()


@prints("(psycopg.errors.InFailedSqlTransaction)")
def went_on(url):
    with shop(url) as engine, engine.connect() as connection:
        with pytest.raises(ProgrammingError):
            connection.execute(text("SELECT nothing"))
        connection.execute(READ)


@prints("(psycopg.errors.SerializationFailure) could not serialize access due to concurrent update")
def changed_since(url):
    with (
        shop(url, isolation_level="REPEATABLE READ") as engine,
        engine.connect() as one,
        engine.connect() as other,
    ):
        one.execute(READ)
        other.execute(write(1))
        other.commit()
        one.execute(write(1))


@prints("(psycopg.errors.SerializationFailure) could not serialize access due to read/write dependencies")
def skewed(url):
    with (
        shop(url, isolation_level="SERIALIZABLE") as engine,
        engine.connect() as one,
        engine.connect() as other,
    ):
        for connection in (one, other):
            connection.execute(READ)
            connection.execute(insert(Customer).values(email=f"{id(connection)}@example.org"))
        one.commit()
        other.commit()


@prints("(psycopg.errors.DeadlockDetected)")
def crosswise(url):
    raised = []

    def in_other_order():
        try:
            other.execute(write(1))
        except OperationalError as error:
            raised.append(error)

    with shop(url) as engine, engine.connect() as one, engine.connect() as other, watcher(url) as looking:
        one.execute(write(1))
        other.execute(write(2))
        waiting = pid(other)
        thread = threading.Thread(target=in_other_order)
        thread.start()
        until(looking, "SELECT cardinality(pg_blocking_pids(:pid)) > 0", waiting)
        try:
            one.execute(write(2))
        except OperationalError as error:
            raised.append(error)
        one.rollback()
        thread.join()
    raise raised[0]


@prints("(psycopg.errors.AdminShutdown)")
def restarted(url):
    with shop(url, pool_size=1, max_overflow=0) as engine:
        with engine.connect() as connection:
            process = pid(connection)
        end(url, process)
        with engine.connect() as connection:
            connection.execute(READ)


@prints("sqlalchemy.exc.PendingRollbackError: Can't reconnect until invalid transaction is rolled back.")
def restarted_meanwhile(url):
    with shop(url) as engine, Session(engine) as session:
        end(url, pid(session))
        with pytest.raises(OperationalError):
            session.execute(READ)
        session.execute(READ)


@prints("(psycopg.errors.QueryCanceled)")
def too_slow(url):
    with shop(url) as engine, engine.connect() as one, engine.connect() as other:
        one.execute(write(1))
        other.execute(text("SET statement_timeout = 10"))
        other.execute(write(1))


@prints("(psycopg.errors.IdleInTransactionSessionTimeout)")
def idle(url):
    with shop(url) as engine, engine.connect() as connection, watcher(url) as looking:
        connection.execute(text("SET idle_in_transaction_session_timeout = 10"))
        process = pid(connection)
        until(looking, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = :pid)", process)
        connection.execute(READ)


@prints("got Future")
def other_loop(url):
    async def ask():
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    engine = create_async_engine(url.replace("+psycopg", "+asyncpg"))
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    first.run_until_complete(ask())
    try:
        second.run_until_complete(ask())
    finally:
        first.run_until_complete(engine.dispose())
        first.close()
        second.close()


@prints("(psycopg.errors.LockNotAvailable)")
def did_not_wait(url):
    with shop(url) as engine, engine.connect() as one, engine.connect() as other:
        one.execute(write(1))
        other.execute(text("SELECT id FROM customers WHERE id = 1 FOR UPDATE NOWAIT"))


@prints("(psycopg.errors.CheckViolation)")
def overdrawn(url):
    with shop(url) as engine, engine.begin() as connection:
        connection.execute(text("ALTER TABLE orders ADD COLUMN pieces INTEGER DEFAULT 1 CHECK (pieces >= 0)"))
        connection.execute(text("UPDATE orders SET pieces = pieces - 2"))
