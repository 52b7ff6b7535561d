"""A judge's databases on one PostgreSQL server: made from the template, and used again where they are as new.

To make one takes as long as many checks. To drop a check's tables, and to see that nothing else is left, does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from ...databases.postgres import PostgresError
from .postgres_database import PostgresDatabase

if TYPE_CHECKING:
    from ...databases.postgres import Server

_LOOKS, _PAUSE = (
    500,
    0.002,
)  # how often, and after how many seconds, somebody looks whether all others have left
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.oid >= 16384 AND n.nspname !~ '^pg_'
"""
# What initdb makes has a number below 16384: https://www.postgresql.org/docs/current/system-catalog-initial-data.html
_CATALOGS = (
    "class",
    "type",
    "proc",
    "namespace",
    "extension",
    "operator",
    "largeobject_metadata",
    "event_trigger",
)
_AS_NEW = " AND ".join(f"NOT EXISTS (SELECT 1 FROM pg_{name} WHERE oid >= 16384)" for name in _CATALOGS)
_SETTINGS = """
    SELECT 1 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
    WHERE d.datname = current_database()
"""


class PostgresDatabases:
    """Databases on a server; each has one user at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: dict[PostgresDatabase, ExitStack] = {}
        self._idle: list[PostgresDatabase] = []

    @contextmanager
    def new(self) -> Iterator[PostgresDatabase]:
        """Yield a database as new; raises PostgresError where none can be made."""
        database = self._idle.pop() if self._idle else self._make()
        try:
            yield database
        finally:
            if _cleared(database):
                self._idle.append(database)
            else:
                self._drop(database)

    def _make(self) -> PostgresDatabase:
        with ExitStack() as stack:
            database = PostgresDatabase(stack.enter_context(self._server.database()))
            stack.callback(database.close)
            self._made[database] = stack.pop_all()
        return database

    def _drop(self, database: PostgresDatabase) -> None:
        stack = self._made.pop(database, None)
        if stack is not None:
            stack.close()

    def lost(self) -> PostgresError | None:
        """Return what is to be said where the server went away; None where it answers."""
        try:
            self._server.check()
        except PostgresError as error:
            return error
        return None

    def close(self) -> None:
        """Drop the databases, also those that are in use."""
        self._idle.clear()
        for database in list(self._made):
            self._drop(database)


def _cleared(database: PostgresDatabase) -> bool:
    """Send everybody else away and drop the tables; say whether the database is then as new."""
    with suppress(psycopg.Error, TimeoutError):
        database.release()
        _send_away(database)
        tables = [sql.Identifier(*row) for row in database.rows(_TABLES)]
        if tables:
            database.run(sql.SQL("DROP TABLE {} CASCADE").format(sql.SQL(", ").join(tables)))
        return bool(database.value(f"SELECT {_AS_NEW}")) and not database.rows(_SETTINGS)
    return False


def _send_away(database: PostgresDatabase) -> None:
    for _ in range(_LOOKS):
        if not database.value(f"SELECT count(pg_terminate_backend(pid)) {_OTHERS}"):
            return
        Event().wait(_PAUSE)
    raise TimeoutError
