"""A database to experiment on: PostgreSQL where there is one, else SQLite."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from .postgres import VARIABLE, availability, lease, with_driver

Kind = Literal["postgresql", "sqlite"]
_PATIENCE = 30  # seconds for which SQLite waits for another's lock


@dataclass(frozen=True)
class ExperimentDatabase:
    """An empty database of one's own.

    `url` is for `create_engine`, `async_url` for `create_async_engine`; `kind` says which was chosen, and
    `version` is that of the server or the library, such as `18.4`.
    """

    url: str
    async_url: str
    kind: Kind
    version: str

    def __str__(self) -> str:
        """Say what it is, as in "PostgreSQL 18.4"."""
        return f"{'PostgreSQL' if self.kind == 'postgresql' else 'SQLite'} {self.version}"


@contextmanager
def experiment_database(
    kind: Kind | None = None, folder: str | Path | None = None
) -> Iterator[ExperimentDatabase]:
    """Yield an empty database, which is removed when the block ends; dispose of its engines before.

    Without a `kind` it is on the PostgreSQL server that SESSIONLAB_POSTGRES_URL names; where it names none, on the
    one that a wheel carries; where that does not run here, in a SQLite file. `folder` is where that file is laid in a
    folder of its own (default: the system's temporary folder).

    Raises:
        PostgresError: the server that is named can't be used, or the wheel's does not start; and where PostgreSQL
            was asked for, there is none.
        ValueError: there is no such kind.
    """
    if kind not in (None, "postgresql", "sqlite"):
        raise ValueError(
            f"{kind!r} is no kind of database\n\nhint: 'postgresql' or 'sqlite'; or none, and it is chosen"
        )
    # A server of one's own is never passed over: where it does not answer, that is what one has to know.
    named = bool(os.environ.get(VARIABLE, "").strip())
    if kind == "postgresql" or (kind is None and (named or availability().usable)):
        with lease() as server, server.database() as url:
            yield ExperimentDatabase(url, with_driver(url, "asyncpg"), "postgresql", server.version)
        return
    with TemporaryDirectory(prefix="sessionlab-", dir=folder, ignore_cleanup_errors=True) as own:
        place = f"{Path(own, 'experiment.db').absolute().as_posix()}?timeout={_PATIENCE}"
        yield ExperimentDatabase(
            f"sqlite:///{place}", f"sqlite+aiosqlite:///{place}", "sqlite", sqlite3.sqlite_version
        )
