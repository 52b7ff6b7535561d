"""The judge's own view of a check's PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg
from psycopg.sql import Composed

from ...databases.postgres.connection import connect
from . import diagnosis
from .placeholders import placed
from .postgres_transaction import PostgresTransaction

_APPLICATION = "sessionlab judge"
_PATIENCE = "1s"


class PostgresDatabase:
    """A database on a PostgreSQL server that `url` names; close it before it is dropped."""

    kind = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        self._stack = ExitStack()
        self._connection = self._stack.enter_context(self._connect())
        self._connection.execute(f"SET lock_timeout = '{_PATIENCE}'")
        self._others = self._stack.enter_context(ExitStack())
        self._second: PostgresTransaction | None = None

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection]:
        with closing(connect(self.url, _APPLICATION)) as connection:
            connection.prepare_threshold = None  # a statement may mean another table the next time
            yield connection

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows that another connection sees now.

        Raises:
            psycopg.Error: the statement can't be run.
            Failed: the submission keeps a lock that it needs, for more than a second.
        """
        return self._run(sql, parameters).fetchall()

    def _run(self, sql: str, parameters: tuple[Any, ...]) -> psycopg.Cursor[tuple[Any, ...]]:
        try:
            return self._connection.execute(placed(sql), parameters)
        except psycopg.errors.LockNotAvailable as error:
            raise diagnosis.lock_kept(sql, str(error).splitlines()[0]) from None

    def value(self, sql: str, *parameters: Any) -> Any:
        """Return the first column of the first row that another connection sees now, or None."""
        rows = self.rows(sql, *parameters)
        return rows[0][0] if rows else None

    def execute(self, sql: str, *parameters: Any) -> int:
        """Run a statement in a transaction of the judge's own; return the number of rows that it changed.

        Raises as `rows`.
        """
        return self._run(sql, parameters).rowcount

    def has_table(self, name: str) -> bool:
        """Say whether the table exists."""
        return bool(self.value("SELECT to_regclass(?) IS NOT NULL", f'"{name}"'))

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        """Yield the second transaction: a connection of its own, kept for the next time; rolled back at the end."""
        second, self._second = self._second or self._another(), None
        try:
            yield second
        finally:
            second.rollback()
            self._second = self._second or second

    def _another(self) -> PostgresTransaction:
        second = PostgresTransaction(self._others.enter_context(self._connect()), self)
        self._others.callback(second.close)
        return second

    def waits_for(self, pid: int) -> list[int]:
        """Return the backends that this one waits for, by their process ids on the server; none if it runs."""
        pids: list[int] = self.value("SELECT pg_blocking_pids(?)", pid)
        return pids

    def waiting_for(self, pid: int) -> list[int]:
        """Return the backends of this database that wait for this one."""
        sql = (
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND ? = ANY(pg_blocking_pids(pid))"
        )
        return [waiting for (waiting,) in self.rows(sql, pid)]

    def idle_in_transaction(self) -> list[str]:
        """Return the last statement of each backend that keeps a transaction open and does nothing in it."""
        sql = (
            "SELECT query FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%' AND application_name <> ?"
        )
        return [query for (query,) in self.rows(sql, _APPLICATION)]

    def run(self, statement: Composed) -> None:
        """Run a statement that psycopg has composed."""
        self._connection.execute(statement)

    def release(self) -> None:
        """Close the second connection, and every one that was opened after it."""
        self._second = None
        self._others.close()

    def close(self) -> None:
        """Close the judge's connections."""
        self._stack.close()
