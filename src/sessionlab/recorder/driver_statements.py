"""What really goes to the database: SQLAlchemy begins, commits and rolls back; its driver decides what is sent.

- sqlite3 sends BEGIN before INSERT, UPDATE, DELETE and REPLACE alone, and COMMIT and ROLLBACK only where a transaction
  is open; with `autocommit=False` (Python 3.12) one always is, and a BEGIN follows each of them
  (https://docs.python.org/3/library/sqlite3.html#transaction-control). Its trace callback tells.
- psycopg sends BEGIN before the first statement (https://www.psycopg.org/psycopg3/docs/basic/transactions.html),
  and so does SQLAlchemy's adapter of asyncpg; neither does under AUTOCOMMIT.

A connection has one trace callback, and nothing tells whether it is taken. So the recorder sets its own before any
other listener hears of a new connection, and never later: a program's own one replaces it. From then on what goes past
SQLAlchemy is noticed by the connection's state alone, when SQLAlchemy next uses it; so it always is on PostgreSQL.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.util.concurrency import in_greenlet

from . import trace as kinds
from .recording import Recording, active, current_request
from .source_line import where

_DRIVER = "_sessionlab_driver"
_CONTROL = re.compile(r"\s*(BEGIN|COMMIT|END|ROLLBACK(?: TO)?|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
_OPENS = ("BEGIN", "SAVEPOINT")
_IN_TRANSACTION = (1, 2, 3)  # libpq's PQTRANS_ACTIVE, PQTRANS_INTRANS, PQTRANS_INERROR
_Events = list[tuple[Recording, int]]


def driver_of(record: Any, number: int) -> DriverStatements:
    """Return what the driver of a pool's connection sends; `number` is the connection's token."""
    driver: DriverStatements = record.info.get(_DRIVER) or DriverStatements(number)
    record.info[_DRIVER] = driver
    return driver


class DriverStatements:
    """What the driver of one connection sends for what SQLAlchemy asks of it, and what it sends besides.

    It holds nothing of the connection, which holds it.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._word = ""  # of what SQLAlchemy asked for last: "COMMIT", or "" for an INSERT
        self._awaited = False  # nobody has heard it yet
        self._events: _Events = []  # those that tell of it
        self._was_open: bool | None = None
        self._begins_again = False

    def listen(self, connection: Any) -> None:
        """Set the trace callback of a new SQLite connection."""
        if hasattr(connection, "set_trace_callback"):
            connection.set_trace_callback(self._heard)
        elif in_greenlet() and hasattr(getattr(connection, "driver_connection", None), "set_trace_callback"):
            connection.run_async(lambda driver: driver.set_trace_callback(self._heard))

    # --- what SQLAlchemy asks for

    def begins(self, record: Any) -> dict[str, Any]:
        """Return what is known when SQLAlchemy begins: no BEGIN is sent yet, or one was sent earlier."""
        is_open = self._look(record)
        return {} if is_open is None else {"sent": "earlier" if is_open else False}

    def ends(self, record: Any) -> dict[str, Any]:
        """Return `{"sent": False}` if the COMMIT or ROLLBACK that SQLAlchemy asks for is not sent: it ends nothing."""
        is_open, autocommit = self._look(record), _sqlite_autocommit(record)
        self._was_open, self._begins_again = None, autocommit is False
        return {"sent": False} if is_open is False or autocommit is True else {}

    def executes(self, record: Any) -> dict[str, Any]:
        """Return the BEGIN that is known to be sent before the statement that SQLAlchemy now hands over."""
        self._was_open = self._look(record)
        began = _begin_of_postgres(record) if self._was_open is False else ""
        return {"began": began} if began else {}

    def sends(self, text: str, events: _Events) -> None:
        """Note what is sent now, and which events tell of it."""
        self._word, self._events, self._awaited = _control(text), events, True

    def returned(self, record: Any) -> None:
        """Look at what a statement has begun, if nobody has heard it."""
        was_open, self._was_open = self._was_open, _is_open(record)
        if was_open is False and self._was_open and self._word not in _OPENS:
            self._note(began="BEGIN")

    def _look(self, record: Any) -> bool | None:
        """Return whether a transaction is open; tell of one that somebody has ended meanwhile."""
        is_open = _is_open(record)
        if self._was_open and is_open is False:
            self._tell("COMMIT or ROLLBACK")
        return is_open

    # --- what the driver says

    def _heard(self, text: str) -> None:
        if not active:
            return
        word = _control(text)
        if self._awaited and word == self._word:
            self._awaited = False
        elif word == "BEGIN" and self._awaited:
            self._note(began=_one_line(text))
        elif word == "BEGIN" and self._begins_again and self._word in ("COMMIT", "ROLLBACK"):
            self._note(then=_one_line(text))
        elif word:
            self._tell(_one_line(text))

    def _note(self, **data: str) -> None:
        for recording, n in self._events:
            if data.keys() - recording.data(n).keys():
                recording.note(n, **data)

    def _tell(self, text: str) -> None:
        """Record what was sent without a word of SQLAlchemy's."""
        self._was_open = None
        for recording in list(active):
            if recording.knows(self._number):
                request, collected = recording.holder(self._number)
                recording.emit(
                    kinds.DRIVER_SENT,
                    request=current_request.get() or request,
                    connection=self._number,
                    text=text,
                    where=where(),
                    data={"collected": True} if collected else {},
                    gate=False,  # SQLite is in the midst of it
                )


def _control(text: str) -> str:
    """Return the word by which a statement begins or ends a transaction or savepoint, or ""."""
    found = _CONTROL.match(text)
    return " ".join(found[1].upper().split()).replace("END", "COMMIT") if found else ""


def _one_line(text: str) -> str:
    return " ".join(text.rstrip("; ").split())


def _is_open(record: Any) -> bool | None:
    """Return whether a transaction is open on a connection, as far as its driver knows; None if it can't say."""
    adapter, driver = record.dbapi_connection, record.driver_connection
    if (libpq := getattr(driver, "pgconn", None)) is not None:
        return libpq.transaction_status in _IN_TRANSACTION
    if hasattr(driver, "is_in_transaction"):
        return getattr(adapter, "_transaction", None) is not None
    try:
        known: bool | None = getattr(driver, "in_transaction", None)
    except Exception:  # it is closed
        return None
    return known


def _begin_of_postgres(record: Any) -> str:
    """Return the BEGIN that psycopg, or SQLAlchemy for asyncpg, sends before a statement outside a transaction."""
    adapter, driver = record.dbapi_connection, record.driver_connection
    if hasattr(driver, "pgconn"):
        autocommit = driver.autocommit
        level = driver.isolation_level.name if driver.isolation_level is not None else ""
    elif hasattr(driver, "is_in_transaction"):
        autocommit = adapter.autocommit
        level = adapter.isolation_level or ""
    else:
        return ""
    if autocommit:
        return ""
    return f"BEGIN ISOLATION LEVEL {level.replace('_', ' ').upper()}" if level else "BEGIN"


def _sqlite_autocommit(record: Any) -> Any:
    """Return `autocommit` of a connection of sqlite3: -1 in the legacy mode, None before Python 3.12 and elsewhere."""
    driver = record.driver_connection
    if not hasattr(driver, "set_trace_callback"):
        return None
    try:
        return getattr(getattr(driver, "_connection", driver), "autocommit", None)  # aiosqlite keeps it there
    except Exception:  # it is closed, or another thread's
        return None
