"""What a learner has passed: not stored, but the last verdict on exactly these files, if there is one."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from .errors import WrongUse
from .lesson import DATABASES, Lesson
from .whole_files import make_folder, replace
from .work import private, submission, untouched

NOT_STARTED = "not started"
NOT_CHECKED = "not checked"
PASSED = "passed"
NOT_PASSED = "not passed"

_KEPT_STATES = {"passed": PASSED, "failed": NOT_PASSED}  # a verdict's state, and the lesson's

SCHEMA = 1
KEPT = 20  # verdicts a lesson: an edit that is undone is known again
LIBRARIES = ("fastapi", "starlette", "sqlalchemy", "pydantic", "pytest")


def state(lesson: Lesson, work: Path, database: str = DATABASES[0]) -> str:
    """Return NOT_STARTED, NOT_CHECKED, PASSED or NOT_PASSED, without grading anything."""
    if untouched(lesson, work):
        return NOT_STARTED
    if not _folder(work, lesson).is_dir():
        return NOT_CHECKED
    verdict = load(work, lesson, key(lesson, submission(lesson, work), database))
    return _KEPT_STATES[verdict["state"]] if verdict else NOT_CHECKED


def key(lesson: Lesson, submission: Path, database: str = DATABASES[0]) -> str:
    """Return a digest of everything that a verdict depends on, as hexadecimal digits.

    That is the submission and the modules beside it, the suite and those beside it, the given files and their
    mutants, the engine, the libraries' versions and the database. Take it before grading, and again after: a verdict
    belongs to the key only if both are equal, since the file may be saved while it is graded.
    """
    digest = sha256()
    for part in _parts(lesson, submission, database):
        digest.update(b"%d:%b" % (len(part), part))
    return digest.hexdigest()


def load(work: Path, lesson: Lesson, key: str) -> dict[str, Any] | None:
    """Return the verdict that was stored under a key, or None; a damaged file counts as none."""
    try:
        document = json.loads(_file(work, lesson, key).read_bytes())
        verdict = document["verdict"]
        wanted = document["schema"] == SCHEMA and document["key"] == key and verdict["state"] in _KEPT_STATES
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return verdict if wanted and isinstance(verdict, dict) else None


def store(work: Path, lesson: Lesson, key: str, verdict: dict[str, Any]) -> None:
    """Keep a verdict, as the grader's JSON document, under the key of the files that it was given on.

    One of a broken grader says nothing about the submission, and is not kept. One that can't be kept is no
    error: the lesson then counts as not checked.
    """
    if verdict.get("state") not in _KEPT_STATES:
        return
    document = {"schema": SCHEMA, "key": key, "verdict": verdict}
    data = json.dumps(document).encode()
    with suppress(WrongUse):
        make_folder(_folder(work, lesson))
        replace(_file(work, lesson, key), data)
        _prune(_folder(work, lesson))


def _folder(work: Path, lesson: Lesson) -> Path:
    return private(work) / "verdicts" / lesson.slug


def _file(work: Path, lesson: Lesson, key: str) -> Path:
    return _folder(work, lesson) / f"{key[:32]}.json"


def _prune(folder: Path) -> None:
    with suppress(OSError):
        newest_first = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in newest_first[KEPT:]:
            path.unlink(missing_ok=True)


def _parts(lesson: Lesson, submission: Path, database: str) -> Iterator[bytes]:
    yield from (lesson.slug.encode(), database.encode(), engine_version().encode(), _versions().encode())
    shared = (path for path in lesson.suite.parent.glob("*.py") if not path.name.startswith("test_"))
    beside = submission.parent.glob("*.py")
    composed = [lesson.solution] if lesson.answers in submission.parents else []
    for group in ([submission], composed, beside, [lesson.suite], shared, lesson.given, lesson.mutants):
        yield b"group"
        for path in sorted(group):
            yield path.name.encode("utf-8", "surrogateescape")
            yield _content(path)


def _content(path: Path) -> bytes:
    try:
        return b"+" + path.read_bytes()
    except OSError:
        return b"-"


@cache
def engine_version() -> str:
    """Return a digest over the package's own source files, by path, size and time of change.

    They are not read, so that it takes about a millisecond; a fresh copy of the package is another engine.
    """
    package = Path(__file__).parents[1]
    return sha256("\n".join(sorted(_sources(str(package), ""))).encode()).hexdigest()


def _sources(folder: str, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                about = entry.stat()
                yield f"{prefix}{entry.name} {about.st_size} {about.st_mtime_ns}"
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _sources(entry.path, f"{prefix}{entry.name}/")


@cache
def _versions() -> str:
    """Of the libraries as installed: importing them would take a second."""
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version  # 30 ms, and most commands need no key

    found = [f"python {platform.python_version()} {sys.platform}", f"sqlite {sqlite3.sqlite_version}"]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
    return "\n".join(found)
