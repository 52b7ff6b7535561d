"""The judge's own view of a check's database: it looks as any other user would, through a connection of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .sqlite_transaction import SqliteTransaction


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

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows that another connection sees now.

        Raises:
            sqlite3.Error: the statement can't be run, or the database is locked for more than a second.
        """
        with self._connect() as connection:
            return connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, *parameters: Any) -> Any:
        """Return the first column of the first row that another connection sees now, or None."""
        rows = self.rows(sql, *parameters)
        return rows[0][0] if rows else None

    def execute(self, sql: str, *parameters: Any) -> int:
        """Run a statement in a transaction of the judge's own; return the number of rows that it changed."""
        with self._connect() as connection:
            return connection.execute(sql, parameters).rowcount

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
