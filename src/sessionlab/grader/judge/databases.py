"""Make the new, empty database of one check, and remove it afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .database import SqliteDatabase

_numbers = itertools.count(1)


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[Any]:
    """Yield a new database of this kind, removed at the end of the block.

    Raises:
        ValueError: no such kind of database.
    """
    if kind != "sqlite":
        raise ValueError(f"{kind!r} is no database that a check can run on")
    path = folder / f"check-{next(_numbers)}.db"
    try:
        yield SqliteDatabase(path)
    finally:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
