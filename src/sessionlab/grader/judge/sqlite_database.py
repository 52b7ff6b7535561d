"""The judge's own view of a check's database: it looks as any other user would, through a connection of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from . import diagnosis
from .sqlite_transaction import SqliteTransaction, is_locked


class SqliteDatabase:
    """A new, empty database file in WAL mode, so that a reader never waits for a writer that is held at a gate."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"
        with self._connect() as connection:
            connection.execute("PRAGMA journal_mode=WAL")

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=1, isolation_level=None)) as connection:
            yield connection

    @contextmanager
    def _run(self, sql: str, parameters: tuple[Any, ...]) -> Iterator[sqlite3.Cursor]:
        with self._connect() as connection:
            try:
                yield connection.execute(sql, parameters)
            except sqlite3.OperationalError as error:
                if is_locked(error):
                    raise diagnosis.lock_kept(sql, str(error)) from None
                raise

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows that another connection sees now.

        Raises:
            sqlite3.Error: the statement can't be run.
            Failed: the submission keeps the database locked, for more than a second.
        """
        with self._run(sql, parameters) as cursor:
            return cursor.fetchall()

    def value(self, sql: str, *parameters: Any) -> Any:
        """Return the first column of the first row that another connection sees now, or None."""
        rows = self.rows(sql, *parameters)
        return rows[0][0] if rows else None

    def execute(self, sql: str, *parameters: Any) -> int:
        """Run a statement in a transaction of the judge's own; return the number of rows that it changed.

        Raises as `rows`.
        """
        with self._run(sql, parameters) as cursor:
            return cursor.rowcount

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """Yield the second transaction: a connection of its own; rolled back at the end."""
        with self._connect() as connection:
            second = SqliteTransaction(connection)
            try:
                yield second
            finally:
                second.rollback()

    def has_table(self, name: str) -> bool:
        """Say whether the table exists."""
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name))
