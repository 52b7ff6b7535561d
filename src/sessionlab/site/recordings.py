"""Recordings: what grading each answer of a lesson came to, with the trace of each check. Made once, then kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from ..course.answers import Answer
from ..course.cache import Cache
from ..course.lesson import Lesson
from ..databases.postgres import availability
from ..drawing import Step
from ..grader.answer_claims import known_answers
from ..grader.judges import Judge, in_turn
from ..grader.kept_verdicts import Graded, KeptVerdicts
from ..grader.verdict_document import Verdict
from ..grader.verify import graded_answer
from ..recorder.trace import Trace

Say = Callable[[str], None]
CheckTraces = Callable[[], dict[str, list[dict[str, Any]]]]

NO_POSTGRESQL = "*This needs PostgreSQL, which was not to be had where these pages were made.*\n"


@dataclass(frozen=True)
class Recording:
    """One answer and its verdict; of the traces the verdict carries the first failure's, `trace` has them all."""

    answer: Answer
    verdict: Verdict
    _traces: CheckTraces

    def steps(self, check: str) -> list[Step]:
        """Return the steps of the interleaving that a check has kept; none where it has none."""
        found = next((known for known in self.verdict.checks if known.id == check), None)
        return [Step(**step) for step in found.steps] if found else []

    def trace(self, check: str) -> Trace | None:
        """Return what the answer did in a check, as it may be published; None if there is no such check."""
        events = self._traces().get(check)
        return None if events is None else Trace.from_json(events).published()


class Recordings:
    """The recordings of a course's lessons: verdicts that have been come to already, or are come to now."""

    def __init__(self, course: Path, kept: Cache, say: Say) -> None:
        self._course = course
        self._verdicts = KeptVerdicts(course, kept)
        self._say = say
        self._known: dict[str, list[Recording]] = {}

    def make(self, lessons: Iterable[Lesson]) -> None:
        """Record what is not kept yet, spread over the cores by answer, the longest first.

        Raises:
            JudgeBroken: a judge came to no verdict.
            WrongUse: an answer does not fit its lesson.
        """
        asked = {
            lesson.slug: [(answer, _on(lesson, answer)) for answer in known_answers(lesson)]
            for lesson in lessons
        }
        files = [file for pairs in asked.values() for _, file in pairs]
        order = sorted(files, key=self._verdicts.seconds, reverse=True)
        made = in_turn(self._course, [partial(self._recorded, file) for file in order])
        found = {(file.lesson.slug, file.name): recorded for file, recorded in zip(order, made, strict=True)}
        for slug, pairs in asked.items():
            recorded = [(answer, found[slug, file.name]) for answer, file in pairs]
            self._known[slug] = [Recording(answer, *one) for answer, one in recorded if one is not None]
            missing = len(recorded) - len(self._known[slug])
            if missing:
                self._say(
                    f"{missing} answers of {slug} are left out: there is no PostgreSQL to record them on"
                )

    def of(self, lesson: Lesson) -> list[Recording]:
        """Return the recordings of a lesson's answers, the wrong ones first, by name."""
        if lesson.slug not in self._known:
            self.make([lesson])
        return self._known[lesson.slug]

    def one(self, lesson: Lesson, name: str) -> Recording | None:
        """Return the recording of an answer by its name, as in "wrong/returned.py", or None."""
        return next((found for found in self.of(lesson) if named(found.answer) == name), None)

    def _recorded(self, file: Graded, judge: Judge) -> tuple[Verdict, CheckTraces] | None:
        """Return a verdict and what gives its traces; None where its database is not to be had."""
        known = self._verdicts.known(file)
        if known is not None:
            return known, partial(self._verdicts.traces, file)
        if file.database == "postgresql" and not postgresql_usable():
            return None
        self._say(f"recording {file.lesson} {file.name}")
        verdict = self._verdicts.grade(judge(), file)
        if self._verdicts.known(file) is not None:
            return verdict, partial(self._verdicts.traces, file)
        traces = {check.id: check.trace for check in verdict.checks}
        return verdict, lambda: traces


def _on(lesson: Lesson, answer: Answer) -> Graded:
    """Take the lesson's first database on which the answer fails a check; for a right one the first."""
    failing = [database for database in lesson.database if answer.on(database)[0]]
    return graded_answer(lesson, answer, [*failing, *lesson.database][0])


@cache
def postgresql_usable() -> bool:
    """Return whether there is a PostgreSQL to record on; where there is none, pages say NO_POSTGRESQL."""
    return availability().usable


def named(answer: Answer) -> str:
    """Return an answer's name in its lesson, as in "wrong/returned.py"."""
    return f"{answer.kind}/{answer.path.name}"


def title_of(answer: Answer) -> str:
    """Return an answer's name in words, as in "Next in endpoint"."""
    return answer.name.replace("_", " ").capitalize()
