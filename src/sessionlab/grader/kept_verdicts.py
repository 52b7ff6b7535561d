"""Verdicts that have been come to already: each is kept under the content of all that it depends on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..course.cache import Cache, cache_folder, digest
from ..course.lesson import Lesson
from .fingerprint import verdict_fingerprint
from .front_end import Front
from .verdict_document import Verdict

_VERDICT, _TRACES, _SECONDS = "verdict.json", "traces.json.gz", "seconds"
_LONGEST = 1e9  # what was never graded comes first


@dataclass(frozen=True)
class Graded:
    """A file of the course, to be graded on a database; `source` is composed where the file is an answer.

    `problem` says in words where a verdict is not what it has to be, or "".
    """

    lesson: Lesson
    name: str
    path: Path
    source: bytes
    database: str
    problem: Callable[[Verdict], str] = field(compare=False)


class AnyClone:
    """Documents without the path of the checkout that they were made in, so that they hold for the next one, too."""

    _STANDS_FOR = "<the course's folder>"

    def __init__(self, course: Path) -> None:
        self._path = json.dumps(str(course))[1:-1]

    def packed(self, document: Any) -> bytes:
        """Return a document as it is kept."""
        return json.dumps(document).replace(self._path, self._STANDS_FOR).encode()

    def unpacked(self, data: bytes) -> Any:
        """Return the document that was kept, for this checkout; None where it is damaged."""
        try:
            return json.loads(data.decode().replace(self._STANDS_FOR, self._path))
        except ValueError:
            return None


class KeptVerdicts:
    """The verdicts on a course's own files, with their traces, in a folder that may be deleted at any time.

    What is kept holds no path of this machine.
    """

    def __init__(self, course: Path, kept: Cache | None = None) -> None:
        self._course = course
        self._any_clone = AnyClone(course)
        self._cache = kept or Cache(cache_folder())

    def known(self, graded: Graded) -> Verdict | None:
        """Return the verdict that is kept of a file, or None; of its traces it carries the first failure's."""
        data = self._cache.get(self._key(graded), _VERDICT)
        document = self._any_clone.unpacked(data) if data else None
        return Verdict.from_json(document) if document else None

    def grade(self, front: Front, graded: Graded) -> Verdict:
        """Return the verdict on a file, and keep it where it is what it has to be.

        One that is not is come to anew the next time: a machine that was too busy must not be believed for a month.

        Raises:
            JudgeBroken: the judge ended, or the suite can't be collected.
            WrongUse: the database is not to be had here.
        """
        verdict = front.grade(graded.lesson.slug, graded.path, graded.database, source=graded.source)
        self._cache.put(_name_key(graded), _SECONDS, str(verdict.seconds).encode())
        if not graded.problem(verdict):
            traces = {check.id: check.trace for check in verdict.checks}
            first = verdict.first_failure
            light = replace(
                verdict, checks=[one if one is first else replace(one, trace=[]) for one in verdict.checks]
            )
            key = self._key(graded)
            self._cache.put(key, _TRACES, gzip.compress(json.dumps(traces).encode(), mtime=0))
            self._cache.put(key, _VERDICT, self._any_clone.packed(light.to_json()))
        return verdict

    def traces(self, graded: Graded) -> dict[str, list[dict[str, Any]]]:
        """Return the events of each check's trace, by the check's id; {} where they are gone from the folder."""
        data = self._cache.get(self._key(graded), _TRACES)
        try:
            traces: dict[str, list[dict[str, Any]]] = json.loads(gzip.decompress(data)) if data else {}
        except (OSError, EOFError, ValueError):
            return {}
        return traces

    def seconds(self, graded: Graded) -> float:
        """Return how long a file of this name took the last time, in seconds; a very long time if never."""
        data = self._cache.get(_name_key(graded), _SECONDS)
        try:
            return float(data) if data else _LONGEST
        except ValueError:
            return _LONGEST

    def _key(self, graded: Graded) -> str:
        shown = graded.path.relative_to(self._course).as_posix()
        return digest(verdict_fingerprint(graded.lesson, graded.database), shown, graded.source)


def _name_key(graded: Graded) -> str:
    return digest("seconds", graded.lesson.slug, graded.name, graded.database)
