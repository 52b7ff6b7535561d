"""`sessionlab trace`: what the learner's code did in the last check run, as lanes or as Mermaid text."""

from __future__ import annotations

from typing import Annotated

import typer

from ..course.errors import WrongUse
from ..course.last import last, last_checked
from ..course.lesson import Lesson
from ..grader.verdict import Check, Verdict
from ..recorder.trace import Trace
from . import ending
from .lesson_name import LessonOrLast
from .paths import shown
from .place import Place
from .prefix import command
from .report import say_title
from .screen import console, say, width
from .when import ago


def trace(
    lesson: LessonOrLast = None,
    check: Annotated[
        str | None,
        typer.Option("--check", metavar="ID", help="The check; the first failing one if none is named."),
    ] = None,
    as_mermaid: Annotated[bool, typer.Option("--mermaid", help="Write a Mermaid sequence diagram.")] = False,
) -> int:
    """Show the trace of your code in the last check run."""
    place = Place.here()
    asked = place.lesson(lesson) if lesson else last_checked(place.course, place.work)
    run = last(place.work, asked) if asked else None
    if asked is None or run is None:
        raise _nothing_yet(place, asked)
    verdict = Verdict.from_json(run.verdict)
    chosen = _chosen(asked, verdict, check)
    if as_mermaid:
        from ..drawing import mermaid

        print(mermaid(_trace(chosen)), end="")
    else:
        say(f"{shown(run.submission)}, checked {ago(run.at)}", "bold")
        _say_lanes(asked, chosen, verdict)
    return ending.PASSED


def _nothing_yet(place: Place, lesson: Lesson | None) -> WrongUse:
    what = f"{lesson.slug} has" if lesson else "No lesson has"
    number = (lesson or place.named_or_next(None)).number
    return WrongUse(
        f"{what} not been checked yet, so there is no trace.", f"run `{command(f'check {number}')}`."
    )


def _chosen(lesson: Lesson, verdict: Verdict, name: str | None) -> Check:
    """Return the check whose trace is meant; raises WrongUse where it has none."""
    traced = [check for check in verdict.checks if check.trace]
    if not traced:
        fact = f"The last check run of {lesson.slug} left no trace: your code did nothing with a database."
        raise WrongUse(fact, f"`{command(f'check {lesson.number}')}` says what came of it.")
    if name is None:
        return _first_to_see(verdict, traced)
    for check in traced:
        if check.id == name:
            return check
    raise _no_such(name, verdict, traced)


def _first_to_see(verdict: Verdict, traced: list[Check]) -> Check:
    """Of a failure its trace; else that of the first check that did anything beyond loading the file."""
    failed = [check for check in traced if check.state == "failed"]
    beyond = [check for check in traced if check.id != verdict.expected[0]]
    return (failed or beyond or traced)[0]


def _no_such(name: str, verdict: Verdict, traced: list[Check]) -> WrongUse:
    from difflib import get_close_matches

    known = [check.id for check in traced]
    if name in verdict.expected:
        fact = f"The check {name!r} left no trace in the last run."
    else:
        fact = f"There is no check {name!r} in {verdict.lesson}."
    near = get_close_matches(name, known, 1)
    return WrongUse(fact, f"did you mean `{near[0]}`?" if near else f"these have one: {', '.join(known)}.")


def say_trace(lesson: Lesson, verdict: Verdict) -> None:
    """Write the lanes of a verdict's first failure, or of a check that has passed; raises WrongUse if none."""
    _say_lanes(lesson, _chosen(lesson, verdict, None), verdict)


def _say_lanes(lesson: Lesson, check: Check, verdict: Verdict) -> None:
    from ..drawing import Step, columns
    from ..drawing.lanes import lanes_text

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
