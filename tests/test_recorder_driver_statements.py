"""A trace tells what really went to the database: SQLAlchemy asks, and each driver has its own way to begin and end."""

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from sessionlab.databases.postgres import availability, lease
from sessionlab.drawing import lanes
from sessionlab.recorder import Trace, record

INSERT = text("INSERT INTO t VALUES (1)")
SELECT = text("SELECT * FROM t")
Work = Callable[[Connection], None]
HERE = availability()
needs_postgres = pytest.mark.skipif(not HERE.usable, reason=f"needs PostgreSQL: {HERE}")
has_autocommit = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="sqlite3 has autocommit from Python 3.12 on"
)


def selected(connection: Connection) -> None:
    """Read, and commit."""
    connection.execute(SELECT).all()
    connection.commit()


def inserted(connection: Connection) -> None:
    """Read, write, and commit."""
    connection.execute(SELECT).all()
    connection.execute(INSERT)
    connection.commit()


def saved(connection: Connection) -> None:
    """Write inside a savepoint, and go without a COMMIT."""
    with connection.begin_nested():
        connection.execute(INSERT)


def committed_as_text(connection: Connection) -> None:
    """Write, and send COMMIT as a statement."""
    connection.execute(INSERT)
    connection.execute(text("COMMIT"))


def committed_by_the_driver(connection: Connection) -> None:
    """Write, and commit where SQLAlchemy does not see it."""
    connection.execute(INSERT)
    connection.connection.driver_connection.commit()


@pytest.fixture
def url(tmp_path) -> str:
    """The URL of a SQLite file with an empty table."""
    found = f"sqlite:///{tmp_path / 'bank.db'}"
    make_table(found)
    return found


def make_table(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER)"))
    engine.dispose()


def traced(engine: Engine, *works: Work) -> Trace:
    """Record these, each on a connection of its own."""
    with record() as recording:
        for work in works:
            with engine.connect() as connection:
                work(connection)
    engine.dispose()
    return recording.trace


def traced_async(url: str, *works: Work, **options) -> Trace:
    """Do the same with an async engine."""

    async def program() -> None:
        engine = create_async_engine(url, **options)
        for work in works:
            async with engine.connect() as connection:
                await connection.run_sync(work)
        await engine.dispose()

    with record() as recording:
        asyncio.run(program())
    return recording.trace


def said(trace: Trace) -> list[str]:
    """Return the words of a picture's rows, but for check-outs and check-ins."""
    rows = takewhile(bool, lanes(trace, width=120)[1:])
    words = [line.split("▶ ")[-1].lstrip(" 0123456789!│┴┊●") for line in rows]
    return [
        line
        for line in words
        if line and not line.startswith(("checked ", "connected", "engine ", "session "))
    ]


READ = ["begun, not sent", "SELECT * FROM t", "COMMIT: nothing to end"]
WRITTEN = ["begun, not sent", "SELECT * FROM t", "BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"]
IN_SAVEPOINT = ["SAVEPOINT sa_savepoint_1", "INSERT INTO t VALUES (1)", "RELEASE SAVEPOINT sa_savepoint_1"]


@pytest.mark.parametrize("run", ["sync", "aiosqlite"])
class TestSQLite:
    """sqlite3 as Python 3.11 brings it, directly and through aiosqlite."""

    @pytest.fixture
    def trace(self, run, url) -> Callable[..., Trace]:
        """Record work on a new engine of this database."""

        def tracing(*works: Work, **options) -> Trace:
            if run == "sync":
                return traced(create_engine(url, **options), *works)
            return traced_async(url.replace("sqlite:", "sqlite+aiosqlite:"), *works, **options)

        return tracing

    def test_no_begin_is_sent_before_a_select(self, trace):
        """SQLAlchemy has begun, the driver has not, and so the COMMIT that follows ends nothing."""
        assert said(trace(selected)) == READ

    def test_begin_is_sent_before_an_insert(self, trace):
        """It stands where the driver sent it: after the SELECT, right before the INSERT."""
        assert said(trace(inserted)) == WRITTEN

    def test_a_begin_that_follows_at_once_is_one_row(self, trace):
        """Where nothing happened between SQLAlchemy's beginning and the driver's, there is but one BEGIN."""
        assert said(trace(lambda connection: connection.execute(INSERT))) == [
            "BEGIN",
            "INSERT INTO t VALUES (1)",
            "ROLLBACK",
        ]

    def test_no_begin_is_sent_before_a_savepoint(self, trace):
        """Its release is the end of it: ROLLBACK finds nothing."""
        assert said(trace(saved)) == ["begun, not sent", *IN_SAVEPOINT, "ROLLBACK: nothing to end"]

    def test_under_autocommit_neither_begin_nor_commit_is_sent(self, trace):
        """SQLAlchemy announces both all the same."""
        assert said(trace(inserted, isolation_level="AUTOCOMMIT")) == [
            "begun, not sent",
            "SELECT * FROM t",
            "INSERT INTO t VALUES (1)",
            "COMMIT: nothing to end",
        ]

    def test_a_commit_as_text_is_the_one_that_is_sent(self, trace):
        """What SQLAlchemy rolls back afterwards has ended before."""
        assert said(trace(committed_as_text)) == [
            "BEGIN",
            "INSERT INTO t VALUES (1)",
            "COMMIT",
            "ROLLBACK: nothing to end",
        ]

    def test_the_driver_s_isolation_level_stands_in_its_begin(self, trace):
        """The text is the driver's own."""
        assert said(trace(inserted, connect_args={"isolation_level": "IMMEDIATE"}))[2] == "BEGIN IMMEDIATE"

    def test_an_insert_that_fails_has_begun_all_the_same(self, trace):
        """BEGIN was sent before the statement was refused."""

        def refused(connection: Connection) -> None:
            with pytest.raises(Exception, match="UNIQUE"):
                connection.execute(text("INSERT INTO once VALUES (1), (1)"))

        def prepared(connection: Connection) -> None:
            connection.execute(text("CREATE TABLE once (a INTEGER PRIMARY KEY)"))

        words = said(trace(prepared, refused))
        assert words[words.index("BEGIN") + 1] == "INSERT INTO once VALUES (1), (1)"
        assert words[-1] == "ROLLBACK"


def test_a_commit_of_the_driver_s_own_is_seen(url):
    """It goes past SQLAlchemy, which then rolls back what has ended."""
    trace = traced(create_engine(url), committed_by_the_driver)
    assert said(trace)[-2:] == ["COMMIT, by the driver", "ROLLBACK: nothing to end"]
    (sent,) = trace.of("driver sent")
    assert (sent.text, sent.where.function) == ("COMMIT", "committed_by_the_driver")


def test_a_commit_of_aiosqlite_s_own_belongs_to_who_checked_the_connection_out(url):
    """It is heard in aiosqlite's thread, which knows nothing of requests."""
    from sessionlab.recorder.recording import CALL, unit

    async def program() -> None:
        engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))
        with unit(*CALL, "program()"):
            async with engine.connect() as connection:
                await connection.execute(INSERT)
                raw = await connection.get_raw_connection()
                await raw.driver_connection.commit()
        await engine.dispose()

    with record() as recording:
        asyncio.run(program())
    (sent,) = recording.trace.of("driver sent")
    assert (sent.text, sent.request, sent.connection) == ("COMMIT", 1, 1)
    assert recording.trace.of("ROLLBACK")[0].data == {"sent": False}


def test_a_connection_that_never_was_sqlalchemy_s_transaction_is_seen(url):
    """Of a raw connection the driver tells BEGIN, and the ROLLBACK by which the pool cleans up."""
    engine = create_engine(url)
    with record() as recording:
        raw = engine.raw_connection()
        raw.cursor().execute("INSERT INTO t VALUES (1)")
        raw.close()
    assert [event.text for event in recording.trace.of("driver sent")] == ["BEGIN", "ROLLBACK"]
    engine.dispose()


def test_what_the_garbage_collector_rolls_back_is_not_published(url):
    """When it comes differs from run to run."""
    engine = create_engine(url)
    with record() as recording:
        raw = engine.raw_connection()
        raw.cursor().execute("INSERT INTO t VALUES (1)")
        recording.end_request(None)
        del raw
        gc.collect()
    assert said(recording.trace)[-1] == "ROLLBACK by the garbage collector"
    assert [event.text for event in recording.trace.published().of("driver sent")] == ["BEGIN"]
    engine.dispose()


def with_begin(engine: Engine) -> Engine:
    """Take BEGIN out of the driver's hands, as SQLAlchemy's documentation has it."""
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def test_a_program_s_own_begin_is_drawn_once_and_before_the_savepoint(url):
    """With it the savepoint lies inside a transaction, and ROLLBACK ends that."""
    assert said(traced(with_begin(create_engine(url)), saved)) == ["BEGIN", *IN_SAVEPOINT, "ROLLBACK"]


def test_a_session_joins_the_transaction_that_is_open_on_its_connection(url):
    """Where sessions share a connection the second begins nothing at the driver."""
    engine = create_engine(url, poolclass=StaticPool)
    with record() as recording, Session(engine) as first, Session(engine) as second:
        first.execute(INSERT)
        second.execute(SELECT).all()
        second.commit()
    assert said(recording.trace)[:5] == [
        "BEGIN",
        "INSERT INTO t VALUES (1)",
        "begun, BEGIN sent earlier",
        "SELECT * FROM t",
        "COMMIT",
    ]
    engine.dispose()


def test_a_begin_is_known_while_its_statement_still_waits(url):
    """The trace of what is stuck tells it: it was sent, and what follows waits for a lock."""
    holder, waiter = create_engine(url), create_engine(url, connect_args={"timeout": 0.01})
    seen: list[dict] = []
    with holder.begin() as held, record() as recording:
        held.execute(INSERT)

        def look(context) -> None:
            seen.append(recording.trace.last("statement").data)

        event.listen(waiter, "handle_error", look)
        with waiter.connect() as connection, pytest.raises(OperationalError, match="locked"):
            connection.execute(INSERT)
    assert seen[0]["began"] == "BEGIN"
    holder.dispose()
    waiter.dispose()


@contextmanager
def own_callback(engine: Engine) -> Iterator[list[str]]:
    """Give each connection a trace callback of the program's, and yield what it hears."""
    heard: list[str] = []
    event.listen(engine, "connect", lambda connection, _: connection.set_trace_callback(heard.append))
    yield heard


def test_a_trace_callback_of_the_program_s_goes_on_hearing(url):
    """The recorder sets its own before, and tells BEGIN by the connection's state."""
    engine = create_engine(url)
    with own_callback(engine) as heard:
        trace = traced(engine, inserted, selected)
    assert heard[:4] == ["SELECT * FROM t", "BEGIN ", "INSERT INTO t VALUES (1)", "COMMIT"]
    assert said(trace) == [*WRITTEN, *READ]


def test_a_trace_callback_that_was_there_before_the_recording_goes_on_hearing(url):
    """On a connection that it did not see being made the recorder sets none."""
    engine = create_engine(url)
    with own_callback(engine) as heard:
        with engine.connect() as connection:
            connection.execute(SELECT).all()
        trace = traced(engine, inserted)
    assert "COMMIT" in heard
    assert said(trace) == WRITTEN


def test_where_nobody_hears_the_driver_a_transaction_that_has_ended_is_noticed(url):
    """By its state: whether by COMMIT or by ROLLBACK, nobody knows."""
    engine = create_engine(url)
    with own_callback(engine):
        trace = traced(engine, committed_by_the_driver)
    assert said(trace)[-2:] == ["COMMIT or ROLLBACK, by the driver", "ROLLBACK: nothing to end"]


@has_autocommit
def test_without_the_legacy_mode_a_transaction_is_always_open(url):
    """With `autocommit=False` the driver sent BEGIN earlier, and sends the next one with each COMMIT."""
    trace = traced(create_engine(url, connect_args={"autocommit": False}), inserted)
    words = said(trace)
    at = words.index("begun, BEGIN sent earlier")
    assert words[at : at + 4] == [
        "begun, BEGIN sent earlier",
        "SELECT * FROM t",
        "INSERT INTO t VALUES (1)",
        "COMMIT, BEGIN",
    ]


@has_autocommit
def test_with_autocommit_of_the_driver_s_no_commit_is_sent(url):
    """Not even for a transaction that a statement began."""

    def begun(connection: Connection) -> None:
        connection.execute(text("BEGIN"))
        connection.execute(INSERT)
        connection.commit()

    words = said(traced(create_engine(url, connect_args={"autocommit": True}), begun))
    assert words[:3] == ["BEGIN", "INSERT INTO t VALUES (1)", "COMMIT: nothing to end"]


# --- PostgreSQL


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A database with the table; its URL is psycopg's."""
    with lease() as server, server.database() as url:
        make_table(url)
        yield url


@pytest.fixture(params=["psycopg", "psycopg async", "asyncpg"])
def on_postgres(request, postgres) -> Callable[..., Trace]:
    """Record work on PostgreSQL through one of its drivers."""

    def tracing(*works: Work, **options) -> Trace:
        if request.param == "psycopg":
            return traced(create_engine(postgres, **options), *works)
        driver = "postgresql+asyncpg" if request.param == "asyncpg" else "postgresql+psycopg"
        return traced_async(postgres.replace("postgresql+psycopg", driver), *works, **options)

    return tracing


@needs_postgres
def test_on_postgresql_begin_is_sent_before_the_first_statement(on_postgres):
    """Also before a SELECT, and before a SAVEPOINT."""
    words = said(on_postgres(selected, saved))
    assert words == ["BEGIN", "SELECT * FROM t", "COMMIT", "BEGIN", *IN_SAVEPOINT, "ROLLBACK"]


@needs_postgres
def test_on_postgresql_nothing_is_sent_for_a_transaction_without_a_statement(on_postgres):
    """What SQLAlchemy began and ended never came to the server."""
    assert said(on_postgres(lambda connection: connection.begin().commit())) == [
        "begun, not sent",
        "COMMIT: nothing to end",
    ]


@needs_postgres
def test_on_postgresql_neither_begin_nor_commit_is_sent_under_autocommit(on_postgres):
    """As on SQLite."""
    assert said(on_postgres(selected, isolation_level="AUTOCOMMIT")) == READ


@needs_postgres
def test_on_postgresql_the_isolation_level_stands_in_begin(on_postgres):
    """As it is sent."""
    words = said(on_postgres(selected, isolation_level="REPEATABLE READ"))
    assert words[0] == "BEGIN ISOLATION LEVEL REPEATABLE READ"


@needs_postgres
def test_on_postgresql_a_commit_of_the_driver_s_own_is_noticed(postgres):
    """psycopg does not say what it sends: that the transaction has ended is seen at its next use."""
    trace = traced(create_engine(postgres), committed_by_the_driver)
    assert said(trace)[-2:] == ["COMMIT or ROLLBACK, by the driver", "ROLLBACK: nothing to end"]


def test_a_trace_in_words_tells_what_was_not_sent(url):
    """A list of events says it as a picture does."""
    lines = [line[4:].split(" · ")[0] for line in str(traced(create_engine(url), selected)).splitlines()]
    assert [line for line in lines if "sent" in line] == ["BEGIN, not sent", *["COMMIT, not sent"] * 2]
