"""The databases of a judge: a new, empty one for each check, removed afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...course.errors import WrongUse
from .sqlite_database import SqliteDatabase

if TYPE_CHECKING:
    from ...databases.postgres import PostgresError
    from .postgres_databases import PostgresDatabases


class Databases:
    """Makes databases: SQLite's as files in a folder, PostgreSQL's on a server that is leased on first need."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._stack = ExitStack()
        self._postgres_databases: PostgresDatabases | None = None

    def prepare(self, kind: str) -> None:
        """See that databases of this kind can be made.

        Raises:
            ValueError: a check can't run on such a database.
            WrongUse: there is no PostgreSQL to be had here; the text says why, and what to do.
        """
        if kind not in ("sqlite", "postgresql"):
            raise ValueError(f"{kind!r} is no database that a check can run on")
        if kind == "postgresql":
            self._leased()

    @contextmanager
    def new(self, kind: str) -> Iterator[Any]:
        """Yield a new database of this kind, removed at the end of the block; raises as `prepare`."""
        self.prepare(kind)
        with self._leased().new() if kind == "postgresql" else self._sqlite() as made:
            yield made

    @contextmanager
    def _sqlite(self) -> Iterator[Any]:
        self._folder.mkdir(exist_ok=True)  # a submission may have removed it
        path = self._folder / f"check-{next(self._numbers)}.db"
        try:
            yield SqliteDatabase(path)
        finally:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)

    def _leased(self) -> PostgresDatabases:
        if self._postgres_databases is None:
            from ...databases.postgres import PostgresError, lease

            try:
                server = self._stack.enter_context(lease())
                from .postgres_databases import PostgresDatabases

                made = self._stack.enter_context(closing(PostgresDatabases(server)))
                with made.new():  # the first, which waits for its user: a full disk is told before a check
                    pass
            except PostgresError as error:
                raise WrongUse(f"{error.fact}\n{error.reason}", error.hint) from error
            self._postgres_databases = made
        return self._postgres_databases

    def lost(self, kind: str) -> PostgresError | None:
        """Return what is to be said where the server of this kind went away in mid-check; None where it answers."""
        if kind != "postgresql" or self._postgres_databases is None:
            return None
        return self._postgres_databases.lost()

    def close(self) -> None:
        """Drop the databases, and give the server back."""
        self._postgres_databases = None
        self._stack.close()
