"""The last check run of each lesson: what `trace` draws, and how one knows that a file has not changed since."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import WrongUse
from .lesson import Lesson, lessons
from .whole_files import make_folder, replace
from .work import private

SCHEMA = 1


@dataclass(frozen=True)
class Run:
    """One check run: its verdict as the grader's JSON document, the SHA-256 of the source, and when it was.

    `at` is in seconds since the epoch.
    """

    verdict: dict[str, Any]
    source: str
    at: float

    @property
    def submission(self) -> Path:
        """The file that was graded."""
        return Path(self.verdict["submission"])


def remember(work: Path, lesson: Lesson, verdict: dict[str, Any], source: str) -> None:
    """Keep a verdict as the lesson's last; one that can't be kept is no error. `source` is a SHA-256."""
    document = {"schema": SCHEMA, **asdict(Run(verdict, source, time.time()))}
    with suppress(WrongUse):
        make_folder(_file(work, lesson).parent)
        replace(_file(work, lesson), json.dumps(document).encode())


def last_run(work: Path, lesson: Lesson) -> Run | None:
    """Return the lesson's last check run; None where there was none, or its file is damaged."""
    try:
        document = json.loads(_file(work, lesson).read_bytes())
        run = Run(document["verdict"], str(document["source"]), float(document["at"]))
        whole = document["schema"] == SCHEMA and isinstance(run.verdict["checks"], list) and run.submission
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return run if whole else None


def last_checked(course: Path, work: Path) -> Lesson | None:
    """Return the lesson whose check run is the most recent of all; None where nothing was checked yet."""
    times = {lesson: _time(_file(work, lesson)) for lesson in lessons(course)}
    found = {lesson: at for lesson, at in times.items() if at is not None}
    return max(found, key=found.__getitem__) if found else None


def _file(work: Path, lesson: Lesson) -> Path:
    return private(work) / "last" / f"{lesson.slug}.json"


def _time(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
