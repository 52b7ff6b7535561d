"""The judge's second transaction on SQLite, where one writes at a time and whoever comes second is refused."""

from __future__ import annotations

import sqlite3
from typing import Any

from .transaction import Ran

PATIENCE = 4.0  # seconds


class SqliteTransaction:
    """A connection that takes the lock for writing with its first statement, or is refused at once.

    A refused statement is run again by `settle` and `finish`: SQLite has no line to stand in.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._refused: tuple[str, tuple[Any, ...], bool] | None = None
        self.ran: Ran | None = None

    @property
    def open(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.in_transaction

    def run(self, sql: str, *parameters: Any, commit: bool = False) -> bool:
        """Run a statement, and commit after it if asked to. Return False where somebody else has the lock."""
        return self._run(sql, parameters, commit, patience=0)

    def _run(self, sql: str, parameters: tuple[Any, ...], commit: bool, patience: float) -> bool:
        self.ran, self._refused = None, None
        try:
            self._connection.execute(f"PRAGMA busy_timeout = {patience * 1000:.0f}")
            if not self.open:
                self._connection.execute("BEGIN IMMEDIATE")
            self.ran = self._execute(sql, parameters)
        except sqlite3.OperationalError as error:
            if not is_locked(error):
                raise
            self._refused = (sql, parameters, commit)
            return False
        if commit:
            self.commit()
        return True

    def _execute(self, sql: str, parameters: tuple[Any, ...]) -> Ran:
        try:
            cursor = self._connection.execute(sql, parameters)
            return Ran(tuple(cursor.fetchall())) if cursor.description else Ran(changed=cursor.rowcount)
        except sqlite3.IntegrityError as error:
            return Ran(error=f"{type(error).__name__}: {error}")

    def settle(self) -> bool:
        """Run a refused statement again; return False where it is refused again."""
        return self._refused is None or self._run(*self._refused, patience=0)

    def finish(self) -> Ran:
        """Run a refused statement again, and return what the last statement came to.

        Raises:
            TimeoutError: somebody else has the lock, for PATIENCE seconds.
        """
        if self._refused is not None and not self._run(*self._refused, patience=PATIENCE):
            raise TimeoutError(f"the database is locked, for more than {PATIENCE:g} s")
        return self.ran or Ran()

    def commit(self) -> None:
        """Commit."""
        self._connection.commit()

    def rollback(self) -> None:
        """Roll back."""
        self._refused = None
        self._connection.rollback()

    def blocks(self) -> bool:
        """Say False: who comes second on SQLite asks again and again, and nobody can see it."""
        return False


def is_locked(error: sqlite3.Error) -> bool:
    """Say whether SQLite refused because somebody else has the lock."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
