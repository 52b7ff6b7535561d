"""A lesson's lab page: its notebook as it ran on this machine, turned into Markdown with its pictures. Run once."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..course.cache import Cache, contents, digest
from ..course.errors import WrongUse
from ..course.lesson import Lesson
from ..grader.fingerprint import notebook_fingerprint
from .recordings import NO_POSTGRESQL, postgresql_usable

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Lab:
    """A lab page: its Markdown, and its pictures by their names beside it."""

    markdown: str
    pictures: dict[str, bytes] = field(default_factory=dict)


class Labs:
    """The lab pages of a course."""

    def __init__(self, cache: Cache, say: Callable[[str], None]) -> None:
        self._cache = cache
        self._say = say

    def of(self, lesson: Lesson) -> Lab:
        """Return a lesson's lab page, running the notebook if it or what it builds on has changed.

        Raises WrongUse where the notebook fails; it names the cell.
        """
        key = digest(_PAGE, notebook_fingerprint(lesson), contents([lesson.notebook, lesson.solution]))
        kept = self._cache.get(key, "lab.json")
        if kept is None and "postgresql" in lesson.database and not postgresql_usable():
            return Lab(
                f"# {lesson.number} · Lab\n\n{NO_POSTGRESQL}\nYour own copy: `sessionlab lab {lesson.number}`.\n"
            )
        if kept is None:
            self._say(f"running the notebook of {lesson}")
            kept = _packed(_run(lesson, self._cache))
            self._cache.put(key, "lab.json", kept)
        return _unpacked(kept)


_PAGE = contents(
    [Path(__file__), Path(__file__).with_name("notebook_page.py"), Path(__file__).with_name("figure.py")]
)


def _run(lesson: Lesson, cache: Cache) -> Lab:
    from ..grader.kept_runs import KeptRuns  # nbclient takes a second, and most builds run nothing
    from .notebook_page import lab_page  # with nbconvert

    if not lesson.solution.is_file():
        raise WrongUse(
            f"{lesson} has a notebook and no solution.", "its last cell checks the solution: write one."
        )
    done = KeptRuns(lesson.course, cache).run(lesson, lesson.solution)
    if not done.passed:
        cells = {cell["id"]: cell["source"] for cell in done.notebook.cells}
        raise WrongUse(
            f"{lesson.notebook}, cell {done.stopped}: {done.error}: {done.text}\n\n{cells.get(done.stopped, '')}",
            "mend the cell, or tag it `raises-exception` if it is meant to fail.",
        )
    return Lab(*lab_page(done.notebook, lesson.number))


def _packed(lab: Lab) -> bytes:
    pictures = {name: b64encode(data).decode() for name, data in lab.pictures.items()}
    return json.dumps({"markdown": lab.markdown, "pictures": pictures}).encode()


def _unpacked(data: bytes) -> Lab:
    document: dict[str, Any] = json.loads(data)
    return Lab(document["markdown"], {name: b64decode(text) for name, text in document["pictures"].items()})
