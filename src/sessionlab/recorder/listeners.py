"""Watch SQLAlchemy from outside: class-level listeners, and wraps where the library announces nothing.

Class-level listeners on `Engine`, `Pool` and `Session` see engines made anywhere, before and after they are
installed (https://docs.sqlalchemy.org/en/21/core/event.html#targets). Opening and closing a session, waiting
for a connection, and the end of a COMMIT have no event, so these methods are wrapped on the library's classes.
"""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool, QueuePool, SingletonThreadPool
from sqlalchemy.util.concurrency import in_greenlet

from . import asgi, fetched_rows, unawaited
from . import trace as kinds
from .driver_statements import DriverStatements, driver_of
from .exception_text import text_of
from .recording import active, current_request, emit, token
from .source_line import where

_TOKEN = "_sessionlab_token"
engines: weakref.WeakSet[Engine] = weakref.WeakSet()
_installed: list[tuple[Any, str, Any]] = []


def install() -> None:
    """Start listening; a second call changes nothing.

    Raises:
        RuntimeError: this SQLAlchemy has no `Connection._commit_impl`, so the end of a COMMIT can't be seen.
    """
    if _installed:
        return
    if not hasattr(Connection, "_commit_impl"):
        raise RuntimeError(
            "this SQLAlchemy cannot be recorded: Connection._commit_impl is gone\n\nhint: use 2.1"
        )
    _listen()
    _wrap(Session, "__init__", _session_opened)
    for name, kind in (("close", kinds.SESSION_CLOSED), ("reset", kinds.SESSION_RESET)):
        _wrap(Session, name, functools.partial(_session_ended, kind))
    _wrap(Session, "invalidate", functools.partial(_session_ended, kinds.SESSION_CLOSED))
    _wrap(Pool, "connect", _connection_wanted)
    _wrap(SingletonThreadPool, "connect", _connection_wanted)
    _wrap(Connection, "_commit_impl", _commit)
    _wrap(Engine, "__init__", _engine_made)
    _installed.extend([*fetched_rows.install(), *asgi.install(), *unawaited.install()])


def intact() -> bool:
    """Say whether every wrap still stands where it was put: a program may have patched the library since."""
    return all(vars(owner).get(name) is wrapped for owner, name, wrapped in _installed)


def _wrap(owner: type, name: str, around: Callable[..., Any]) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not active and name != "__init__":
            return original(self, *args, **kwargs)
        return around(original, self, *args, **kwargs)

    setattr(owner, name, wrapped)
    _installed.append((owner, name, wrapped))


def _mark(thing: Any) -> int:
    """Return the token of an engine, a pool or a session, given on first sight."""
    marked: int = thing.__dict__.setdefault(_TOKEN, None) or token()
    thing.__dict__[_TOKEN] = marked
    return marked


def engine_token(engine: Engine) -> int:
    """Return the token of an engine."""
    return _mark(engine)


def _of_record(record: Any) -> int | None:
    """Return the token of a DBAPI connection: `info` lives as long as the connection that it describes."""
    if record is None:
        return None
    number: int = record.info.setdefault(_TOKEN, 0) or token()
    record.info[_TOKEN] = number
    return number


def blocking() -> dict[str, Any]:
    """Return `{"blocking": True}` where the caller blocks an event loop, otherwise nothing.

    It does where a loop runs in this thread, and not in SQLAlchemy's greenlet.
    """
    return {"blocking": True} if asyncio._get_running_loop() is not None and not in_greenlet() else {}


def _limit(pool: Pool) -> dict[str, Any]:
    """Say how many connections the pool gives out at the most, where it has a bound: size and overflow together."""
    if not isinstance(pool, QueuePool) or pool._max_overflow < 0:
        return {}
    return {"limit": pool.size() + pool._max_overflow}


def _one_line(statement: str) -> str:
    return " ".join(statement.split())


def _message(error: BaseException) -> str:
    text = text_of(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


# --- wraps


def _session_opened(original: Any, session: Session, *args: Any, **kwargs: Any) -> None:
    original(session, *args, **kwargs)
    if active:
        emit(kinds.SESSION_OPENED, session=_mark(session), where=where())


def _session_ended(kind: str, original: Any, session: Session, *args: Any, **kwargs: Any) -> None:
    try:
        original(session, *args, **kwargs)
    finally:
        emit(kind, session=_mark(session), where=where())
        for recording in list(active):
            recording.unclaim(_mark(session))


def _connection_wanted(original: Any, pool: Pool) -> Any:
    engine = pool.__dict__.get("_sessionlab_engine")
    line = where()
    owner = current_request.get()
    numbers = {
        id(recording): recording.emit(
            kinds.CONNECTION_WANTED,
            request=owner,
            engine=engine,
            where=line,
            data={**_limit(pool), **blocking()},
        )
        for recording in list(active)
    }
    try:
        out = original(pool)
    except BaseException as error:
        for recording in list(active):
            wanted = numbers.get(id(recording))
            recording.emit(
                kinds.ERROR,
                request=owner,
                engine=engine,
                text=_message(error),
                where=line,
                data={"wanted": wanted},
            )
        raise
    number = _of_record(out._connection_record)
    for recording in list(active):
        if number is None or out is None:
            continue
        recording.keep(number, out, owner)
        recording.emit(
            kinds.CHECKED_OUT,
            request=owner,
            connection=number,
            engine=engine,
            where=line,
            data={"wanted": numbers.get(id(recording))},
        )
    return out


def _commit(original: Any, connection: Connection) -> None:
    number, driver, record = _of_driver(connection)
    told = driver.ends(record) if driver else {}
    sent = emit(kinds.COMMIT_SENT, connection=number, where=where(), data={**told, **blocking()})
    if driver and not told:
        driver.sends("COMMIT", sent)
    try:
        original(connection)
    except BaseException as error:
        emit(kinds.COMMIT_FAILED, connection=number, text=_message(error))
        _never_sent(error, sent)
        raise
    emit(kinds.COMMIT_DONE, connection=number, data=told)


def _engine_made(original: Any, engine: Engine, *args: Any, **kwargs: Any) -> None:
    original(engine, *args, **kwargs)
    engine.pool.__dict__["_sessionlab_engine"] = _mark(engine)
    engines.add(engine)
    if active:
        data = {"is_async": True} if engine.dialect.is_async else {}
        emit(kinds.ENGINE_MADE, engine=_mark(engine), text=repr(engine.url), where=where(), data=data)


# --- listeners


def _of_connection(connection: Connection) -> int | None:
    return _of_record(_record_of(connection))


def _record_of(connection: Connection) -> Any:
    if connection.closed or connection.invalidated:
        return None  # to ask for its DBAPI connection would raise, or connect again
    return getattr(connection.connection, "_connection_record", None)


def _of_driver(connection: Connection) -> tuple[int | None, DriverStatements | None, Any]:
    """Return the token of a connection, what its driver sends, and the pool's record of it."""
    record = _record_of(connection)
    number = _of_record(record)
    driver = None if number is None or record.dbapi_connection is None else driver_of(record, number)
    return number, driver, record


def _listen() -> None:
    for target, name, listener in (
        (Engine, "begin", _begin),
        (Engine, "rollback", _rollback),
        (Engine, "before_cursor_execute", _statement),
        (Engine, "after_cursor_execute", _returned),
        (Engine, "handle_error", _error),
        (Engine, "savepoint", _savepoint),
        (Engine, "release_savepoint", _release),
        (Engine, "rollback_savepoint", _rollback_to),
        (Engine, "engine_disposed", _disposed),
        (Pool, "checkin", _checked_in),
        (Pool, "invalidate", _invalidated),
        (Session, "before_flush", _flush),
        (Session, "after_begin", _after_begin),
    ):
        event.listen(target, name, listener)
    event.listen(Pool, "connect", _connected, insert=True)


def _begin(connection: Connection) -> None:
    if active:
        number, driver, record = _of_driver(connection)
        emit(kinds.BEGIN, connection=number, data=driver.begins(record) if driver else {})


def _rollback(connection: Connection) -> None:
    if active:
        number, driver, record = _of_driver(connection)
        told = driver.ends(record) if driver else {}
        sent = emit(kinds.ROLLBACK, connection=number, data=told)
        if driver and not told:
            driver.sends("ROLLBACK", sent)


def _statement(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, *rest: Any
) -> None:
    if active:
        number, driver, record = _of_driver(connection)
        began = driver.executes(record) if driver else {}
        events = emit(
            kinds.STATEMENT,
            connection=number,
            text=_one_line(statement),
            where=where(),
            data={"parameters": repr(parameters)[:200], **began, **blocking()},
        )
        fetched_rows.note_for(context, events)
        if driver:
            driver.sends(statement, events)


def _returned(connection: Connection, *rest: Any) -> None:
    if active:
        _, driver, record = _of_driver(connection)
        if driver:
            driver.returned(record)


def _error(context: Any) -> None:
    # Without a statement it is a failed COMMIT or connect, which is recorded where it happens.
    if active and context.statement is not None and context.connection is not None:
        _returned(context.connection)
        emit(
            kinds.ERROR,
            connection=_of_connection(context.connection),
            text=_message(context.original_exception),
            where=where(),
        )
        _never_sent(context.original_exception, fetched_rows.noted(context.execution_context))


def _never_sent(error: BaseException, events: fetched_rows.Noted) -> None:
    """Note, where SQLAlchemy refused to wait outside its greenlet, that nothing blocked the event loop."""
    if isinstance(error, MissingGreenlet):
        for recording, n in events:
            recording.note(n, blocking=False)


def _savepoint(connection: Connection, name: str | None) -> None:
    # SQLAlchemy names a savepoint only after it has announced it, unless the program has named it.
    if active:
        emit(kinds.SAVEPOINT, connection=_of_connection(connection), text=name or "")


def _release(connection: Connection, name: str, context: Any) -> None:
    if active:
        emit(kinds.RELEASE, connection=_of_connection(connection), text=name)


def _rollback_to(connection: Connection, name: str, context: Any) -> None:
    if active:
        emit(kinds.ROLLBACK_TO, connection=_of_connection(connection), text=name)


def _disposed(engine: Engine) -> None:
    engine.pool.__dict__["_sessionlab_engine"] = _mark(engine)
    if active:
        emit(kinds.ENGINE_DISPOSED, engine=_mark(engine), where=where())


def _connected(connection: Any, record: Any) -> None:
    number = _of_record(record)
    if active:
        emit(kinds.CONNECTED, connection=number)
    if number is not None:
        driver_of(record, number).listen(connection)


def _checked_in(connection: Any, record: Any) -> None:
    number = _of_record(record)
    if number is None:
        return
    for recording in list(active):
        if not recording.knows(number):
            continue  # checked out before the recording began
        request, session, collected = recording.give_back(number)
        recording.emit(
            kinds.CHECKED_IN,
            request=request,
            connection=number,
            session=session,
            data={"collected": True} if collected else {},
        )


def _invalidated(connection: Any, record: Any, error: Any) -> None:
    if active:
        text = _message(error) if error is not None else ""
        emit(kinds.INVALIDATED, connection=_of_record(record), text=text)


def _flush(session: Session, context: Any, instances: Any) -> None:
    if active:
        sizes = {"new": len(session.new), "changed": len(session.dirty), "deleted": len(session.deleted)}
        text = ", ".join(f"{size} {name}" for name, size in sizes.items() if size)
        emit(kinds.FLUSH, session=_mark(session), text=text)


def _after_begin(session: Session, transaction: Any, connection: Connection) -> None:
    number = _of_connection(connection)
    for recording in list(active):
        if number is not None:
            recording.claim(number, _mark(session))
