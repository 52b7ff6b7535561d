"""`sessionlab solution`: the reference solution, once the lesson has passed or the learner gives up."""

from __future__ import annotations

from typing import Annotated

import typer

from ...course.errors import WrongUse
from ...course.lesson import Lesson
from ...course.progress import NOT_CHECKED, PASSED
from ...course.workplace import Workplace
from .. import ending
from ..lesson_name import LessonName
from ..terminal.prefix import command
from ..terminal.screen import console, is_terminal, say, say_prose


def solution(
    lesson: LessonName,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Show it though the lesson has not passed.")
    ] = False,
) -> int:
    """Show the solution of a lesson that has passed."""
    place = Workplace.here()
    asked = place.lesson(lesson)
    source = _source(asked)
    state = place.state(asked)
    if state != PASSED and not give_up:
        _refuse(asked, state)
        return ending.NOT_PASSED
    _show(source)
    if is_terminal():  # piped, the solution stands alone
        _show_mutants(asked)
    return ending.PASSED


def _source(lesson: Lesson) -> str:
    try:
        return lesson.solution.read_text("utf-8")
    except OSError as error:
        raise WrongUse(
            f"The course has no solution for {lesson.slug} ({error.strerror}).", "fetch the course afresh."
        ) from None


def _show_mutants(lesson: Lesson) -> None:
    """Show what a test file was graded by: each broken module, what its users suffer, and the lines that differ."""
    from ...course.mutants import mutants  # few lessons have any

    for mutant in mutants(lesson):
        say(f"\n{mutant.name}", "bold")
        say_prose(mutant.what)
        say_prose(mutant.suffered)
        for line in mutant.diff().splitlines():
            say(line, {"+": "green", "-": "red"}.get(line[:1], "dim"))


def _refuse(lesson: Lesson, state: str) -> None:
    number = lesson.number
    why = "has not been checked as it is now" if state == NOT_CHECKED else "has not passed"
    ending.complain(
        f"{lesson.slug} {why}, so its solution stays closed.\n\n"
        f"hint: `{command(f'hint {number}')}` helps without giving it away; "
        f"`{command(f'solution {number} --give-up')}` shows it."
    )


def _show(source: str) -> None:
    if not is_terminal():
        print(source, end="")
        return
    from rich.syntax import Syntax  # 45 ms, with Pygments

    lexed = Syntax(source, "python", theme="ansi_dark", background_color="default")
    # Not wrapped: what the terminal folds by itself is copied as one line.
    console().print(lexed.highlight(source), end="", soft_wrap=True)
