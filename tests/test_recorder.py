"""The recorder sees every session and connection, whoever made them, and ties each to its request."""

import asyncio
import gc
import sys
import threading

import httpx
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from sessionlab.recorder import Gate, Recording, Trace, record

BY_SESSION = [
    "session opened", "connection wanted", "checked out", "BEGIN", "statement", "COMMIT sent", "COMMIT done",
    "checked in", "session closed",
]  # fmt: skip


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'bank.db'}"


def kinds(trace: Trace) -> list[str]:
    """Return the kinds of the events, but for those that only the first use of an engine has."""
    once = ("engine made", "connected", "engine disposed")
    return [event.kind for event in trace if event.kind not in once]


def work(session: Session) -> None:
    """Use a session once."""
    session.execute(text("SELECT 1"))
    session.commit()


def test_a_session_is_seen_from_opening_to_close(url):
    """The events of one session come in their order, and all belong to it."""
    engine = create_engine(url)
    with record() as recording, Session(engine) as session:
        work(session)
    trace = recording.trace
    assert kinds(trace) == BY_SESSION
    assert {event.session for event in trace if event.kind in BY_SESSION} == {1}
    assert not trace.out()
    assert not trace.unclosed()
    engine.dispose()


def test_what_is_made_inside_a_function_is_seen(url):
    """Neither the engine nor the session has to be handed to the recorder."""

    def program() -> None:
        engine = create_engine(url)
        with sessionmaker(engine)() as session:
            work(session)
        engine.dispose()

    with record() as recording:
        program()
    assert kinds(recording.trace) == BY_SESSION


def test_async_is_seen_as_sync(tmp_path):
    """An AsyncSession has the same events, and its check-out names the line of the coroutine."""

    async def program() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'bank.db'}")
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 1"))
            await session.commit()
        await engine.dispose()

    with record() as recording:
        asyncio.run(program())
    trace = recording.trace
    assert kinds(trace) == BY_SESSION
    out = trace.first("checked out")
    assert (out.where.file, out.where.function) == ("test_recorder.py", "program")
    assert not any(event.data.get("blocking") for event in trace)


def test_a_sync_statement_in_a_coroutine_is_marked_as_blocking(url):
    """A statement on the loop's thread, outside SQLAlchemy's greenlet, blocks the loop."""

    async def program() -> None:
        with Session(create_engine(url)) as session:
            work(session)

    with record() as recording:
        asyncio.run(program())
    assert recording.trace.first("statement").data["blocking"] is True


def test_a_failed_commit_is_told_from_a_done_one(url):
    """COMMIT done and COMMIT failed are events of their own: a deferred constraint fails at COMMIT alone."""
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE branch (id INTEGER PRIMARY KEY)"))
        deferred = "branch_id INTEGER REFERENCES branch DEFERRABLE INITIALLY DEFERRED"
        connection.execute(text(f"CREATE TABLE account ({deferred})"))
    with record() as recording, Session(engine) as session:
        session.execute(text("INSERT INTO account VALUES (7)"))
        with pytest.raises(IntegrityError):
            session.commit()
    trace = recording.trace
    assert trace.of("COMMIT sent")
    assert not trace.of("COMMIT done")
    assert "FOREIGN KEY" in trace.first("COMMIT failed").text
    engine.dispose()


def test_a_rollback_is_seen(url):
    """A session that is closed without a commit sends ROLLBACK, and no COMMIT."""
    with record() as recording, Session(create_engine(url)) as session:
        session.execute(text("SELECT 1"))
    assert kinds(recording.trace)[-3:] == ["ROLLBACK", "checked in", "session closed"]


def test_savepoints_are_seen(url):
    """A savepoint's beginning, release and rollback are events of their own."""
    with record() as recording, Session(create_engine(url)) as session:
        with session.begin_nested():
            session.execute(text("SELECT 1"))
        inner = session.begin_nested()
        session.execute(text("SELECT 2"))
        inner.rollback()
    seen = [event.kind for event in recording.trace if "SAVEPOINT" in event.kind]
    assert seen == ["SAVEPOINT", "RELEASE SAVEPOINT", "SAVEPOINT", "ROLLBACK TO SAVEPOINT"]
    assert all(isinstance(event.text, str) for event in recording.trace)


@pytest.mark.parametrize("end", ["close", "reset", "invalidate"])
def test_each_way_to_end_a_session_counts(url, end):
    """close, reset and invalidate all give the connection back, and none leaves the session open."""
    with record() as recording:
        session = Session(create_engine(url))
        session.execute(text("SELECT 1"))
        getattr(session, end)()
    assert not recording.trace.unclosed()
    assert not recording.trace.out()


def test_a_session_that_is_used_after_its_close_is_open(url):
    """Closed means that close is the last event."""
    with record() as recording:
        session = Session(create_engine(url))
        session.close()
        session.execute(text("SELECT 1"))
    assert [event.session for event in recording.trace.unclosed()] == [1]


def bank(url: str, leaking: bool = False) -> FastAPI:
    """Make an app whose only path uses a session, and may leak it."""
    sessions = sessionmaker(create_engine(url, pool_size=40))
    app = FastAPI()

    def get_db():
        with sessions() as session:
            yield session

    @app.get("/")
    def read(db=Depends(get_db)):
        if leaking:
            sessions().execute(text("SELECT 1"))
        else:
            work(db)
        return {}

    return app


def requests(app: FastAPI, count: int, at_once: bool = True, lastly=None) -> Trace:
    """Send requests over ASGI, await what comes `lastly` on the same loop, and return the trace."""

    async def send() -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://bank.test"
        ) as client:
            if at_once:
                await asyncio.gather(*(client.get("/") for _ in range(count)))
            else:
                for _ in range(count):
                    await client.get("/")
        if lastly is not None:
            await lastly()

    with record() as recording:
        asyncio.run(send())
    return recording.trace


def test_thirty_requests_at_once_have_no_orphan_event(url):
    """Each event of 30 concurrent requests, in threads, belongs to its request, and each request is whole."""
    trace = requests(bank(url), 30)
    assert trace.requests == list(range(1, 31))
    orphans = [event for event in trace if event.request is None]
    assert not orphans
    for number in trace.requests:
        own = trace.request(number)
        assert len(own.of("session opened", "checked out", "COMMIT done", "session closed")) == 4
        assert own[-1].kind == "request done"


def test_thirty_async_requests_at_once_have_no_orphan_event(tmp_path):
    """The same holds for AsyncSession, through SQLAlchemy's greenlets."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'bank.db'}", pool_size=40)
    app = FastAPI()

    @app.get("/")
    async def read():
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 1"))
        return {}

    trace = requests(app, 30, lastly=engine.dispose)
    orphans = [event for event in trace if event.request is None and event.kind != "engine disposed"]
    assert not orphans
    assert all(len(trace.request(n).of("checked out", "checked in")) == 2 for n in trace.requests)


def left_out(trace: Trace) -> list[int]:
    """Return the requests that ended with a connection of theirs out."""
    found = []
    for done in trace.of("request done"):
        found += [out.request for out in trace.until(done).out() if out.request == done.request]
    return found


def test_a_leak_is_caught_100_times_of_100(url):
    """The garbage collector can't hide a leak: the connection is held until its request ends."""
    assert left_out(requests(bank(url, leaking=True), 100, at_once=False)) == list(range(1, 101))


def test_no_false_alarm_in_100(url):
    """A sound request is never taken for a leaking one."""
    assert left_out(requests(bank(url), 100, at_once=False)) == []


def test_a_leaked_connection_goes_back_once_its_request_has_ended(url):
    """The recorder keeps a leak visible, but does not make it worse than it is."""
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=5)
    app = FastAPI()

    @app.get("/")
    def read():
        engine.connect()
        return {}

    trace = requests(app, 3, at_once=False)
    assert left_out(trace) == [1, 2, 3]
    assert all(event.data.get("collected") for event in trace.of("checked in"))


def test_a_connection_given_back_after_its_request_was_not_left_to_the_garbage_collector(url):
    """A session that outlives a request gives the connection back by itself, only later."""
    session = Session(create_engine(url))
    app = FastAPI()

    @app.get("/")
    def read():
        return session.scalar(text("SELECT 1"))

    with record() as recording:
        TestClient(app).get("/")
        session.close()
    assert left_out(recording.trace) == [1]
    assert not recording.trace.last("checked in").data.get("collected")


def test_a_waiter_for_a_connection_is_seen(url):
    """Nothing in SQLAlchemy announces that somebody waits; the recorder does."""
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with record() as recording, engine.connect(), pytest.raises(Exception, match="QueuePool limit"):
        engine.connect()
    wanted = recording.trace.of("connection wanted")
    assert len(wanted) == 2
    assert recording.trace.first("error").data["wanted"] == wanted[1].n


def test_a_gate_holds_a_thread_before_its_commit(url):
    """Held before COMMIT, a transaction is not done; released, it is."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a)"))
    with record() as recording:
        gate = hold(recording, "COMMIT sent")
        thread = threading.Thread(target=insert, args=(engine,))
        thread.start()
        assert gate.arrived.wait(5)
        assert count(engine) == 0
        gate.release()
        thread.join()
        assert count(engine) == 1
    engine.dispose()


def hold(recording: Recording, kind: str) -> Gate:
    """Put up a gate."""
    gate = Gate(kind)
    recording.gates.append(gate)
    return gate


def insert(engine) -> None:
    """Insert a row in a transaction."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))


def count(engine) -> int:
    """Count the rows that another connection sees."""
    with engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM t"))


def test_a_gate_holds_a_task_and_not_its_loop(tmp_path):
    """While an async submission is held before COMMIT, the event loop goes on."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'bank.db'}")

    async def program(recording: Recording) -> list[str]:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE t (a)"))
        gate = hold(recording, "COMMIT sent")
        task = asyncio.create_task(writing())
        await asyncio.to_thread(gate.arrived.wait, 5)
        seen = ["held" if not task.done() else "done"]
        gate.release()
        await task
        await engine.dispose()
        return [*seen, "done"]

    async def writing() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO t VALUES (1)"))

    with record() as recording:
        assert asyncio.run(program(recording)) == ["held", "done"]


def test_a_trace_goes_to_json_and_back(url):
    """A trace is data: what comes back is equal to what went."""
    trace = requests(bank(url), 2)
    assert Trace.from_json(trace.to_json()) == trace


def test_a_published_trace_is_the_same_on_each_run(url):
    """Without wall time and worker numbers, the same program gives the same trace."""
    traces = {str(requests(bank(url), 3, at_once=False).published().to_json()) for _ in range(5)}
    assert len(traces) == 1


def test_nothing_is_recorded_outside_the_block(url):
    """The listeners stay; without a recording they do nothing."""
    with record() as recording:
        pass
    with Session(create_engine(url)) as session:
        work(session)
    assert len(recording.trace) == 0


def run(work) -> Trace:
    """Record a coroutine function on an event loop of its own, until everything is let go."""
    with record() as recording:
        asyncio.run(work())
        gc.collect()
    return recording.trace


def test_a_coroutine_that_nobody_awaits_is_seen_each_time(recwarn):
    """The event names the coroutine and the line that made it, though Python warns of the line once."""

    async def program() -> None:
        session = AsyncSession()
        for _ in range(2):
            session.commit()
        await session.close()

    lost = run(program).of("never awaited")
    assert [event.text for event in lost] == ["AsyncSession.commit"] * 2
    assert {event.where.function for event in lost} == {"program"}


def test_a_coroutine_that_is_kept_tells_the_line_that_made_it(recwarn):
    """It is let go elsewhere and later: its origin, if the thread remembers such, is the line to mend."""

    async def program() -> None:
        sys.set_coroutine_origin_tracking_depth(2)
        kept.append(make())

    async def lost() -> None: ...

    def make():
        return lost()

    kept = []
    with record() as recording:
        asyncio.run(program())
        kept.clear()
    assert [event.where.function for event in recording.trace.of("never awaited")] == ["make"]


def test_what_is_awaited_later_is_not_lost():
    """A coroutine that a task runs, or that is closed, is no coroutine that nobody awaited."""

    async def nothing() -> None: ...

    async def program() -> None:
        await asyncio.gather(nothing(), asyncio.create_task(nothing()))
        nothing().close()

    assert not run(program).of("never awaited")


def test_what_a_library_drops_within_itself_is_not_the_programs(url, recwarn):
    """On the way to a MissingGreenlet SQLAlchemy makes a coroutine that nobody awaits, and blocks nobody."""

    async def program() -> None:
        sys.set_coroutine_origin_tracking_depth(2)
        engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))
        async with engine.connect() as connection:
            with pytest.raises(DBAPIError, match="MissingGreenlet"):
                connection.sync_connection.execute(text("SELECT 1"))
        await engine.dispose()

    trace = run(program)
    assert trace.of("error")
    assert not trace.of("never awaited")
    assert not any(event.data.get("blocking") for event in trace.of("statement"))
