"""`sessionlab trace`: what the learner's code did in the last check run, as lanes or as Mermaid text."""

from __future__ import annotations

from typing import Annotated

import typer

from ...course.elapsed import ago
from ...course.errors import WrongUse
from ...course.last_run import last_checked, last_run
from ...course.lesson import Lesson
from ...course.workplace import Workplace
from ...grader.shown_trace import check_to_trace
from ...grader.verdict_document import Check, Verdict
from ...recorder.trace import Trace
from .. import ending
from ..lesson_name import LessonOrLast
from ..report import say_title
from ..terminal.paths import short_path
from ..terminal.prefix import command
from ..terminal.screen import console, say, width


def trace(
    lesson: LessonOrLast = None,
    check: Annotated[
        str | None,
        typer.Option("--check", metavar="ID", help="The check; the first failing one if none is named."),
    ] = None,
    as_mermaid: Annotated[bool, typer.Option("--mermaid", help="Write a Mermaid sequence diagram.")] = False,
) -> int:
    """Show the trace of your code in the last check run."""
    place = Workplace.here()
    asked = place.lesson(lesson) if lesson else last_checked(place.course, place.work)
    run = last_run(place.work, asked) if asked else None
    if asked is None or run is None:
        raise _nothing_yet(place, asked)
    verdict = Verdict.from_json(run.verdict)
    chosen = _chosen(asked, verdict, check)
    if as_mermaid:
        from ...drawing import mermaid  # 70 ms that other commands do without

        print(mermaid(_trace(chosen)), end="")
    else:
        say(f"{short_path(run.submission)}, checked {ago(run.at)}", "bold")
        _say_lanes(asked, chosen, verdict)
    return ending.PASSED


def _nothing_yet(place: Workplace, lesson: Lesson | None) -> WrongUse:
    what = f"{lesson.slug} has" if lesson else "No lesson has"
    number = (lesson or place.named_or_next(None)).number
    return WrongUse(
        f"{what} not been checked yet, so there is no trace.", f"run `{command(f'check {number}')}`."
    )


def _chosen(lesson: Lesson, verdict: Verdict, name: str | None) -> Check:
    return check_to_trace(verdict, name, command(f"check {lesson.number}"))


def say_trace(lesson: Lesson, verdict: Verdict) -> None:
    """Write the lanes of a verdict's first failure, or of a check that has passed; raises WrongUse if none."""
    _say_lanes(lesson, _chosen(lesson, verdict, None), verdict)


def _say_lanes(lesson: Lesson, check: Check, verdict: Verdict) -> None:
    from ...drawing import Step, columns  # 70 ms that other commands do without
    from ...drawing.lanes import lanes_text

    say_title(check)
    say()
    for line in columns((Step(**step) for step in check.steps), width()):
        say(line)
    if check.steps:
        say()
    console().print(lanes_text(_trace(check), width=width(), unicode=_takes_lanes()), soft_wrap=True)
    others = [other.id for other in verdict.checks if other.trace and other.id != check.id]
    if others:
        say()
        say("Other checks have a trace as well, such as:", "dim")
        say(f"  {command(f'trace {lesson.number} --check {others[-1]}')}", "dim")


def _takes_lanes() -> bool:
    """Return whether standard output can encode the characters that lanes are drawn with."""
    try:
        "│┊●▶".encode(console().encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _trace(check: Check) -> Trace:
    return Trace.from_json(check.trace)
