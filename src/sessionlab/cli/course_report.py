"""The verdicts on all lessons: one line a lesson, with the first failure of those that have not passed."""

from __future__ import annotations

from ..course.errors import WrongUse
from ..course.lesson import Lesson
from ..course.workplace import Workplace
from ..grader.feedback import MARKS
from ..grader.verdict_document import BROKEN, FAILED, PASSED, Verdict
from .ending import tell_broken
from .next_step import first_todo_of
from .report import summary
from .terminal.prefix import command, with_prefix
from .terminal.screen import say, say_prose

_STYLES = {PASSED: "green", FAILED: "red", BROKEN: "bold magenta"}


def say_course(
    place: Workplace, verdicts: list[Verdict], not_started: list[Lesson], not_checked: dict[Lesson, WrongUse]
) -> None:
    """Write the lessons in order, and then which to check by itself."""
    known = {verdict.lesson: verdict for verdict in verdicts}
    for lesson in place.lessons():
        if lesson.slug in known:
            _say_verdict(lesson, known[lesson.slug])
        elif lesson in not_started:
            todo = first_todo_of(place, lesson)
            say_prose(f"· {lesson.slug}: not started" + (f"; TODO: {todo}" if todo else ""), "dim", "  ")
        elif lesson in not_checked:
            say_prose(f"? {lesson.slug}: not checked; {not_checked[lesson].fact}", "yellow", "  ")
            say_prose(f"    {with_prefix(not_checked[lesson].hint)}", indent="    ")
    passed = sum(verdict.state == PASSED for verdict in verdicts)
    say()
    say(f"{passed} of {len(place.lessons())} lessons passed", "bold")
    _say_next(place, verdicts)


def _say_verdict(lesson: Lesson, verdict: Verdict) -> None:
    mark = MARKS[verdict.state]
    say_prose(f"{mark} {lesson.slug}: {summary(verdict)}", _STYLES[verdict.state], "  ")
    first = verdict.first_failure
    if first is not None:
        say_prose(f"    {MARKS[first.state]} {first.id} · {first.title}", indent="      ")
    if verdict.fault:
        tell_broken(verdict.fault)


def _say_next(place: Workplace, verdicts: list[Verdict]) -> None:
    failed = next((verdict for verdict in verdicts if verdict.state != PASSED), None)
    if failed is not None:
        number = failed.lesson[:2]
        say()
        say(f"  {'the failure':<16}{command(f'check {number}')}")
        say(f"  {'a hint':<16}{command(f'hint {number}')}")
