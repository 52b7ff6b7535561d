"""How far a learner has climbed the ladder of hints, for each check of each lesson."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from .errors import WrongUse
from .lesson import Lesson
from .whole_files import make_folder, replace
from .work import private


def rungs(work: Path, lesson: Lesson, check: str) -> int:
    """Return how many hints for this check the learner has been shown."""
    count = _read(work, lesson).get(check, 0)
    return count if type(count) is int and count > 0 else 0


def climb(work: Path, lesson: Lesson, check: str, hints: list[str]) -> str | None:
    """Return the next hint for this check, and remember that it was shown; None at the ladder's end."""
    shown = rungs(work, lesson, check)
    if shown >= len(hints):
        return None
    data = json.dumps({**_read(work, lesson), check: shown + 1}).encode()
    with suppress(WrongUse):  # a hint that can't be remembered is shown all the same
        make_folder(_file(work, lesson).parent)
        replace(_file(work, lesson), data)
    return hints[shown]


def _file(work: Path, lesson: Lesson) -> Path:
    return private(work) / "hints" / f"{lesson.slug}.json"


def _read(work: Path, lesson: Lesson) -> dict[str, int]:
    try:
        known = json.loads(_file(work, lesson).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
