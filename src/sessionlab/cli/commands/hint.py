"""`sessionlab hint`: the next rung of the ladder for the first failing check."""

from __future__ import annotations

from typing import Annotated

import typer

from ...course import progress
from ...course.hint_ladder import climb, rungs
from ...course.lesson import Lesson
from ...course.workplace import Workplace
from ...grader.verdict_document import BROKEN, PASSED, Check, Verdict
from .. import ending
from ..command_judge import CommandJudge, require_readable
from ..lesson_name import LessonOrNext
from ..report import say_title, say_unjudged
from ..terminal.prefix import command
from ..terminal.screen import say, say_prose


def hint(
    lesson: LessonOrNext = None,
    again: Annotated[bool, typer.Option("--again", help="Show the hints so far once more.")] = False,
) -> int:
    """Give the next hint for the first failing check."""
    place = Workplace.laid()
    asked = place.named_or_next(lesson)
    verdict = current_verdict(place, asked)
    return say_hint(place, asked, verdict, again)


def current_verdict(place: Workplace, lesson: Lesson) -> Verdict:
    """Return the verdict on the learner's file as it is; grades it where there is none."""
    exercise = place.exercise(lesson)
    require_readable(place, lesson, exercise)
    known = progress.load(place.work, lesson, progress.key(lesson, exercise, lesson.database[0]))
    if known is not None:
        return Verdict.from_json(known)
    with CommandJudge(place) as judge:
        checked = judge.check(lesson, exercise)
        judge.release()
        checked.keep(place.work)
    return checked.verdict


def say_hint(place: Workplace, lesson: Lesson, verdict: Verdict, again: bool = False) -> int:
    """Write the next hint, or those so far `again`; return the exit code."""
    check = verdict.first_failure
    if verdict.state == PASSED:
        say(f"{lesson.slug} has passed: there is nothing to hint at.")
        return ending.PASSED
    if verdict.state == BROKEN or check is None:
        say_unjudged(verdict)
        return ending.BROKEN
    say_title(check)
    if again:
        _say_again(place, lesson, check)
    else:
        _say_next(place, lesson, check)
    return ending.PASSED


def _say_next(place: Workplace, lesson: Lesson, check: Check) -> None:
    text = climb(place.work, lesson, check.id, check.hints)
    if text is not None:
        _say_rung(rungs(place.work, lesson, check.id), check, text)
    elif check.hints:
        _say_end(lesson, f"That was the last of {len(check.hints)} hints for {check.id}.")
    else:
        _say_end(lesson, f"There are no hints for {check.id}: what `check` says is all there is to know.")


def _say_again(place: Workplace, lesson: Lesson, check: Check) -> None:
    shown = check.hints[: rungs(place.work, lesson, check.id)]
    for number, text in enumerate(shown, start=1):
        _say_rung(number, check, text)
    if not shown:
        say_prose(f"No hint for {check.id} has been shown yet.")
        say(f"  {command(f'hint {lesson.number}')}")


def _say_rung(number: int, check: Check, text: str) -> None:
    label = f"hint {number} of {len(check.hints)}  "
    say_prose(label + text, indent=" " * len(label))


def _say_end(lesson: Lesson, text: str) -> None:
    say_prose(text)
    say()
    for what, arguments in (
        ("once more", f"hint {lesson.number} --again"),
        ("what it did", f"trace {lesson.number}"),
        ("the solution", f"solution {lesson.number} --give-up"),
    ):
        say(f"  {what:<16}{command(arguments)}")
