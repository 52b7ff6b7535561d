"""The kill matrix: which check catches which wrong answer, as it was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from ..course.lesson import Lesson
from ..grader.judge.grading import LOAD
from ..grader.verdict_document import FAILED, SKIPPED, Check
from .markdown import plain
from .recordings import Recording, title_of

_INTRO = """\
# Kill matrix

A check that nothing fails proves nothing, so each one here has a wrong answer that it is the first to catch.
Read a row from left to right: **1st** is where that answer is caught first, ✗ where it fails as well, – where it can't
be judged any more.
The columns are the checks in their order, numbered as in the list below each table.
"""


def kill_matrix(lessons: Iterable[tuple[Lesson, list[Recording]]]) -> str:
    """Return the page's Markdown from the recordings of each lesson."""
    return "\n".join([_INTRO, *("".join(_lesson(lesson, recordings)) for lesson, recordings in lessons)])


def _lesson(lesson: Lesson, recordings: list[Recording]) -> Iterator[str]:
    """The table is written as HTML: as Markdown it would take three times the room in the page.

    Its cells are closed, though HTML would let them be open: the search plugin's parser looks through all that is.
    """
    wrong = [recording for recording in recordings if recording.answer.kind == "wrong"]
    checks = _of_all(wrong)
    yield f"## {lesson.number} {plain(lesson.title)}\n\n"
    right = len(recordings) - len(wrong)
    yield f"{len(checks)} checks, {len(wrong)} wrong answers, {right} right ones besides the solution.\n\n"
    heads = "".join(f'<th scope="col">{number}</th>' for number in range(1, len(checks) + 1))
    rows = "".join(_row(lesson, recording, checks) for recording in wrong)
    yield '<div class="matrix" tabindex="0" role="region" '
    yield f'aria-label="Kill matrix of lesson {lesson.number}"><table class="kills">'
    yield f'<thead><tr><th scope="col">answer</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n\n'
    yield from (
        f"{number}. `{check.id}`: {plain(check.title)}\n" for number, check in enumerate(checks, start=1)
    )
    yield "\n"


def _own(recording: Recording) -> list[Check]:
    """Return the outcomes of the suite's own checks; every suite begins with the engine's."""
    return [check for check in recording.verdict.checks if check.id != LOAD]


def _of_all(recordings: list[Recording]) -> list[Check]:
    """Return the checks of all databases in the suite's order: each stands behind those before it everywhere."""
    found: list[Check] = []
    for recording in recordings:
        place = 0
        for check in _own(recording):
            names = [known.id for known in found]
            place = names.index(check.id) if check.id in names else place
            if check.id not in names:
                found.insert(place, check)
            place += 1
    return found


def _row(lesson: Lesson, recording: Recording, checks: list[Check]) -> str:
    first = recording.verdict.first_failure
    link = f"../{lesson.slug}/wrong-answers/#{recording.answer.name}"
    name = f'<a href="{link}">{escape(title_of(recording.answer))}</a>'
    own = {check.id: check for check in _own(recording)}
    return (
        f'<tr><th scope="row">{name}</th>{"".join(_cell(own.get(check.id), first) for check in checks)}</tr>'
    )


def _cell(check: Check | None, first: Check | None) -> str:
    if check is None:  # it is for another database than the one that this answer was recorded on
        return "<td></td>"
    if check is first:
        return "<td><b>1st</b></td>"
    return f"<td>{ {FAILED: '✗', SKIPPED: '–'}.get(check.state, '') }</td>"
