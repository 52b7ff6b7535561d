"""`sessionlab verify`, for authors: does each suite accept what is right, and reject what is wrong, and why?"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from ...course.answers import Answer, answers
from ...course.errors import WrongUse
from ...course.lesson import Lesson
from ...course.whole_files import make_folder, replace
from ...course.workplace import Workplace
from .. import ending
from ..lesson_name import LessonOrAll
from ..terminal.progress_line import progress_line
from ..terminal.screen import console, say, say_prose

if TYPE_CHECKING:
    from rich.table import Table

    from ...grader.verify import Finding

_FIRST, _ALSO = "✗", "x"


def verify(
    lesson: LessonOrAll = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Write the feedback on wrong answers anew.")
    ] = False,
    compose: Annotated[
        str | None,
        typer.Option(
            "--compose", metavar="NAME", help="Print the file that an answer and the solution make."
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Come to each verdict anew, whatever is kept of it.")
    ] = False,
) -> int:
    """For authors: grade the starter, the solution and every answer, and run the notebook.

    Shows the kill matrix: ✗ marks the check that a submission meets first, x the others that it fails.
    What has not changed since an earlier run is not graded again: verdicts are kept by the content of all that they
    depend on, in the user's cache folder (SESSIONLAB_CACHE names another).
    With `--compose wrong/NAME` it grades nothing, and prints that answer as it is graded, by line numbers alike.
    Exits with 0 if all is as the answers name it.
    """
    from ...course.cache import Cache, cache_folder
    from ...grader.verify import verify as verified  # 130 ms that other commands do without

    place = Workplace.here()
    if compose is not None:
        return _compose(place, lesson, compose)
    chosen = [place.lesson(lesson)] if lesson else place.lessons()
    kept = Cache(cache_folder(), fresh)
    with progress_line("verifying") as progress:
        findings = verified(
            place.course, chosen, lambda found: progress(f"{found.lesson} {found.name}", ""), kept=kept
        )
    kept.prune()
    problems = 0
    for one in chosen:
        own = [finding for finding in findings if finding.lesson == one.slug]
        _show(one, own)
        problems += sum(bool(finding.problem) for finding in own)
        if freeze:
            _freeze(place, one, own)
    say_prose(f"{problems} problems" if problems else f"All as it must be: {len(findings)} findings.")
    return ending.NOT_PASSED if problems else ending.PASSED


def _compose(place: Workplace, lesson: str | None, name: str) -> int:
    if lesson is None:
        raise WrongUse(
            "`--compose` needs a lesson.", f"name it first: `sessionlab verify 07 --compose {name}`."
        )
    sys.stdout.write(_answer(place.lesson(lesson), name).source().decode("utf-8", "replace"))
    return ending.PASSED


def _answer(lesson: Lesson, name: str) -> Answer:
    """Return an answer by its name, with its folder's or without; raises WrongUse."""
    known = {f"{answer.kind}/{answer.name}": answer for answer in answers(lesson)}
    asked = name.removesuffix(".py")
    found = [answer for full, answer in known.items() if asked in (full, answer.name)]
    if len(found) == 1:
        return found[0]
    if found:
        hint = f"write {' or '.join(f'`{answer.kind}/{answer.name}`' for answer in found)}."
        raise WrongUse(f"{lesson} has {len(found)} answers {asked!r}.", hint)
    names = [*known, *(answer.name for answer in known.values())]
    near = get_close_matches(asked, names, 1, 0.5)
    hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known) or 'none'}."
    raise WrongUse(f"{lesson} has no answer {asked!r}.", hint)


def _show(lesson: Lesson, findings: list[Finding]) -> None:
    say(f"{lesson.number} {lesson.name}", "bold")
    for checks in dict.fromkeys(finding.expected for finding in findings if finding.expected):
        say_prose(" · ".join(f"{number} {check}" for number, check in enumerate(checks, 1)), "dim")
        console().print(_matrix(checks, [finding for finding in findings if finding.expected == checks]))
    for finding in findings:
        if finding.problem:
            say_prose(f"! {finding.name}: {finding.problem}", "bold magenta", "  ")
    say()


def _matrix(checks: tuple[str, ...], findings: list[Finding]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table  # as the console: not before something is written

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    # The two that may be folded: rich takes what is missing from those, and otherwise from all, down to nothing.
    table.add_column("submission", overflow="fold", max_width=46)
    for number in range(1, len(checks) + 1):
        table.add_column(str(number), justify="center", no_wrap=True)
    table.add_column("mistake", overflow="fold")
    for finding in findings:
        table.add_row(finding.name, *(_cell(check, finding) for check in checks), finding.mistake)
    return table


def _cell(check: str, finding: Finding) -> str:
    if check not in finding.fails:
        return "·"
    return _FIRST if finding.fails[0] == check else _ALSO


def _freeze(place: Workplace, lesson: Lesson, findings: list[Finding]) -> None:
    from ...grader.verify import frozen  # imported by now

    file = place.course / "tests" / "feedback" / f"{lesson.slug}.txt"
    make_folder(file.parent)
    replace(file, frozen(findings).encode())
    say(f"written: {file.relative_to(place.course)}")
