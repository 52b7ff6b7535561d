"""`sessionlab check`: grades a lesson.

`--json` writes one document and nothing else to standard output:

    {"schema": 1, "state": "passed" | "failed" | "not started" | "not checked" | "broken",
     "verdicts": [one document of `Verdict.to_json` for each lesson that was graded],
     "not_started": [{"lesson": slug, "todo": the first TODO} for each as the course gave it],
     "not_checked": [{"lesson": slug, "why": text} for each that has no database to run on here]}

Additions keep the schema's number, removals raise it. A check in a verdict has `id`, `title`, `state`
(passed, failed, skipped or broken), `observed`, `expected`, `mistake` (null, or `code`, `text` and `section`,
the section to read), `detail`, `printed`, `hints`, `because`, `seconds`, `trace` and `steps`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ...course.errors import WrongUse
from ...course.last_run import last_run
from ...course.lesson import Lesson
from ...course.progress import NOT_CHECKED
from ...course.whole_files import make_folder, replace
from ...course.work import untouched
from ...course.workplace import Workplace
from ...grader.verdict_document import BROKEN, FAILED, NOT_STARTED, PASSED, SCHEMA, Verdict
from .. import ending
from ..command_judge import CommandJudge, require_offered, require_readable
from ..course_report import say_course
from ..lesson_name import LessonOrNext
from ..next_step import first_todo_of, say_not_started
from ..report import say_checked


def check(
    lesson: LessonOrNext = None,
    submission: Annotated[
        Path | None, typer.Option("--submission", metavar="FILE", help="Grade this file instead of yours.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Grade every lesson that is started.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML as well, for CI systems.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option("--on", metavar="DATABASE", help="sqlite or postgresql, where both are offered."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every failure whole.")] = False,
) -> int:
    """Grade a lesson; exit with 0 if it has passed, 1 if not."""
    if every and (lesson or submission):
        raise WrongUse("`--all` grades every lesson.", "leave the lesson and `--submission` out, or `--all`.")
    place = Workplace.laid()
    if junit is not None:
        make_folder(junit.absolute().parent)  # before the checks run, not after
    run = _Run(place, database, as_json, verbose, junit)
    return run.all() if every else run.one(*_asked(place, lesson, submission))


def _asked(place: Workplace, name: str | None, given: Path | None) -> tuple[Lesson, Path, bool]:
    """Return the lesson, the file, and whether it is graded even if it is not started."""
    if given is None:
        lesson = place.named_or_next(name)
        return lesson, place.exercise(lesson), name is not None
    lesson = place.lesson(name if name is not None else str(given))
    return lesson, Path(os.path.abspath(given)), True


class _Run:
    """One call of the command, and what has come of it so far."""

    def __init__(
        self, place: Workplace, database: str | None, as_json: bool, verbose: bool, junit: Path | None
    ) -> None:
        self.place = place
        self.database = database
        self.as_json = as_json
        self.verbose = verbose
        self.junit = junit
        self.verdicts: list[Verdict] = []
        self.not_started: list[Lesson] = []
        self.not_checked: dict[Lesson, WrongUse] = {}

    def one(self, lesson: Lesson, submission: Path, wanted: bool) -> int:
        """Grade one lesson; the starter as it was given only if it is `wanted` all the same."""
        require_readable(self.place, lesson, submission)
        require_offered(lesson, self.database)
        if not wanted and untouched(lesson, self.place.work):
            self.not_started.append(lesson)
            return self._end(lambda: say_not_started(self.place, lesson))
        before = last_run(self.place.work, lesson)
        with CommandJudge(self.place) as judge:
            checked = judge.check(lesson, submission, self.database)
            judge.release()
            self.verdicts.append(checked.verdict)
            try:
                return self._end(lambda: say_checked(self.place, checked, before, self.verbose))
            finally:  # a verdict is kept though nobody could be told of it
                checked.keep(self.place.work)

    def all(self) -> int:
        """Grade every lesson that is started, on the database that is asked for where it is offered."""
        with CommandJudge(self.place) as judge:
            for lesson in self.place.lessons():
                if untouched(lesson, self.place.work):
                    self.not_started.append(lesson)
                elif self.database in (None, *lesson.database):
                    self._one_of_all(judge, lesson)
            judge.release()
            return self._end(
                lambda: say_course(self.place, self.verdicts, self.not_started, self.not_checked)
            )

    def _one_of_all(self, judge: CommandJudge, lesson: Lesson) -> None:
        try:
            checked = judge.check(lesson, self.place.exercise(lesson), self.database)
        except WrongUse as error:  # its database is not to be had here: others may do without
            self.not_checked[lesson] = error
            return
        self.verdicts.append(checked.verdict)
        checked.keep(self.place.work)

    def _end(self, say: Callable[[], None]) -> int:
        """Write the outcome, and return the exit code."""
        if self.junit is not None:
            self._write_junit(self.junit)
        with ending.until_the_reader_goes():
            if self.as_json:
                print(json.dumps(self._document()), flush=True)
            else:
                say()
        return {BROKEN: ending.BROKEN, PASSED: ending.PASSED}.get(self._state(), ending.NOT_PASSED)

    def _write_junit(self, path: Path) -> None:
        from ...grader.junit import junit  # 30 ms that few runs need

        unjudged = {lesson.slug: NOT_STARTED for lesson in self.not_started}
        unjudged |= {lesson.slug: str(error) for lesson, error in self.not_checked.items()}
        replace(path.absolute(), junit(self.verdicts, unjudged))

    def _state(self) -> str:
        states = {verdict.state for verdict in self.verdicts}
        worst = next((state for state in (BROKEN, FAILED) if state in states), PASSED)
        if worst == PASSED and self.not_checked:
            return NOT_CHECKED
        return NOT_STARTED if worst == PASSED and self.not_started else worst

    def _document(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "state": self._state(),
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "not_started": [
                {"lesson": lesson.slug, "todo": first_todo_of(self.place, lesson)}
                for lesson in self.not_started
            ],
            "not_checked": [
                {"lesson": lesson.slug, "why": str(error)} for lesson, error in self.not_checked.items()
            ],
        }
