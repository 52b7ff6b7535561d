"""Runs of the course's notebooks: what running one came to is kept under the content of all that it depends on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..course.cache import Cache, cache_folder, digest
from ..course.lesson import Lesson
from .fingerprint import notebook_fingerprint
from .kept_verdicts import AnyClone

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from .notebook import Executed

_RUN = "notebook.json"


@dataclass(frozen=True)
class Ending:
    """How a notebook ended: the id of the cell that failed, the error's class and its text; empty where none did."""

    stopped: str = ""
    error: str = ""
    text: str = ""


class KeptRuns:
    """What running a course's notebooks came to, in a folder that may be deleted at any time."""

    def __init__(self, course: Path, kept: Cache | None = None) -> None:
        self._course = course
        self._any_clone = AnyClone(course)
        self._cache = kept or Cache(cache_folder())

    def ending(self, lesson: Lesson, submission: Path) -> Ending:
        """Return how the lesson's notebook ends on a submission of the course; otherwise as `run`."""
        known = self._known(_key(lesson, lesson.notebook.read_bytes(), submission))
        if known is not None:
            return Ending(*known[:3])
        executed = self.run(lesson, submission)
        return Ending(executed.stopped, executed.error, executed.text)

    def run(self, lesson: Lesson, submission: Path, node: NotebookNode | None = None) -> Executed:
        """Return what the lesson's notebook, or `node` in its place, comes to on a submission of the course.

        A run is kept where it came to the notebook's end, or stopped at a check that was not passed.

        Raises:
            nbformat.ValidationError: the file is no notebook.
        """
        import nbformat  # with its schemas it takes two seconds, and a run that is kept needs none of it

        from .notebook import Executed, execute_node

        content = nbformat.writes(node).encode() if node else lesson.notebook.read_bytes()
        key = _key(lesson, content, submission)
        known = self._known(key)
        if known is not None:
            return Executed(nbformat.reads(known[3], as_version=4), *known[:3])
        opened = node or nbformat.read(lesson.notebook, as_version=4)
        executed = execute_node(opened, lesson.notebook.parent, submission, self._course)
        if executed.error in ("", "NotPassed"):
            ended = [executed.stopped, executed.error, executed.text, nbformat.writes(executed.notebook)]
            self._cache.put(key, _RUN, self._any_clone.packed(ended))
        return executed

    def _known(self, key: str) -> list[Any] | None:
        data = self._cache.get(key, _RUN)
        found = self._any_clone.unpacked(data) if data else None
        return found if isinstance(found, list) and len(found) == 4 else None


def _key(lesson: Lesson, notebook: bytes, submission: Path) -> str:
    return digest(notebook_fingerprint(lesson), notebook, submission.read_bytes())
