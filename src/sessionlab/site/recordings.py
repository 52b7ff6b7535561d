"""Recordings: what grading each answer of a lesson came to, with the trace of each check. Made once, then kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..course.answers import Answer, answers
from ..course.errors import WrongUse
from ..course.lesson import Lesson
from ..drawing import Step
from ..grader.front_end import Front
from ..grader.verdict_document import Verdict
from ..recorder.trace import Trace
from .cache import Cache, digest
from .fingerprint import fingerprint
from .postgres_here import usable

Say = Callable[[str], None]


@dataclass(frozen=True)
class Recording:
    """One answer and its verdict; of the traces the verdict carries the first failure's, `trace` has them all."""

    answer: Answer
    verdict: Verdict
    _traces: Callable[[], dict[str, list[dict[str, Any]]]]

    def steps(self, check: str) -> list[Step]:
        """Return the steps of the interleaving that a check has kept; none where it has none."""
        found = next((known for known in self.verdict.checks if known.id == check), None)
        return [Step(**step) for step in found.steps] if found else []

    def trace(self, check: str) -> Trace | None:
        """Return what the answer did in a check, as it may be published; None if there is no such check."""
        events = self._traces().get(check)
        return None if events is None else Trace.from_json(events).published()


class Recordings:
    """The recordings of a course's lessons."""

    def __init__(self, course: Path, cache: Cache, say: Say) -> None:
        self._course = course
        self._cache = cache
        self._say = say
        self._known: dict[str, list[Recording]] = {}

    def make(self, lessons: Iterable[Lesson]) -> None:
        """Record what is not kept yet, two lessons at a time; raises WrongUse and JudgeBroken."""
        with ThreadPoolExecutor(max_workers=2) as workers:
            for lesson, found in workers.map(lambda lesson: (lesson, self._record(lesson)), lessons):
                self._known[lesson.slug] = found

    def of(self, lesson: Lesson) -> list[Recording]:
        """Return the recordings of a lesson's answers, the wrong ones first, by name."""
        if lesson.slug not in self._known:
            self._known[lesson.slug] = self._record(lesson)
        return self._known[lesson.slug]

    def one(self, lesson: Lesson, name: str) -> Recording | None:
        """Return the recording of an answer by its name, as in "wrong/returned.py", or None."""
        return next((found for found in self.of(lesson) if named(found.answer) == name), None)

    def _record(self, lesson: Lesson) -> list[Recording]:
        base = fingerprint(lesson)
        with ExitStack() as stack:
            grade = _Grade(self._course, lesson, stack, self._say)
            kept = [self._kept(answer, base, grade) for answer in answers(lesson)]
        missing = kept.count(None)
        if missing:
            self._say(f"{missing} answers of {lesson} are left out: there is no PostgreSQL to record them on")
        return [recording for recording in kept if recording is not None]

    def _kept(self, answer: Answer, base: str, grade: _Grade) -> Recording | None:
        """Return the recording, made now if it is not kept; None where its database is not to be had."""
        key = digest(base, grade.database(answer), answer.source())
        document = self._cache.get(key, "verdict.json")
        if document is None:
            if grade.database(answer) == "postgresql" and not usable():
                return None
            document = self._keep(key, grade(answer))
        verdict = Verdict.from_json(json.loads(document))
        return Recording(answer, verdict, lambda: self._traces(key))

    def _keep(self, key: str, verdict: Verdict) -> bytes:
        traces = {check.id: check.trace for check in verdict.checks}
        first = verdict.first_failure
        verdict.checks = [check if check is first else replace(check, trace=[]) for check in verdict.checks]
        document = json.dumps(verdict.to_json()).encode()
        self._cache.put(key, "traces.json.gz", gzip.compress(json.dumps(traces).encode(), mtime=0))
        self._cache.put(key, "verdict.json", document)
        return document

    def _traces(self, key: str) -> dict[str, list[dict[str, Any]]]:
        data = self._cache.get(key, "traces.json.gz")
        if data is None:
            raise WrongUse(
                "A recorded trace is gone from the cache.",
                "let the folder .cache be written, and build again.",
            )
        traces: dict[str, list[dict[str, Any]]] = json.loads(gzip.decompress(data))
        return traces


class _Grade:
    """Grades a lesson's answers; the judge is started when the first one asks for it."""

    def __init__(self, course: Path, lesson: Lesson, stack: ExitStack, say: Say) -> None:
        self._course, self._lesson, self._stack, self._say = course, lesson, stack, say
        self._front: Front | None = None

    def __call__(self, answer: Answer) -> Verdict:
        if self._front is None:
            self._say(f"recording the answers of {self._lesson}")
            self._front = self._stack.enter_context(Front(self._course, stay=True))
        return self._front.grade(
            self._lesson.slug, answer.path, self.database(answer), source=answer.source()
        )

    def database(self, answer: Answer) -> str:
        """Return the lesson's first database on which the answer fails a check; for a right one the first."""
        failing = [database for database in self._lesson.database if answer.on(database)[0]]
        return [*failing, *self._lesson.database][0]


def named(answer: Answer) -> str:
    """Return an answer's name in its lesson, as in "wrong/returned.py"."""
    return f"{answer.kind}/{answer.path.name}"
