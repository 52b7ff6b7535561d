"""`sessionlab` alone: lays the work folder, and shows the map of the course and the next step."""

from __future__ import annotations

from itertools import groupby

from ...course import progress
from ...course.lesson import PARTS, Lesson
from ...course.work import Laid, lay
from ...course.workplace import Workplace
from ..ending import PASSED
from ..next_step import say_next_step
from ..terminal.paths import short_path
from ..terminal.prefix import command
from ..terminal.screen import say, say_prose, width

_MARKS = {
    progress.PASSED: ("✓", "green"),
    progress.NOT_PASSED: ("✗", "red"),
    progress.NOT_CHECKED: ("?", "yellow"),
    progress.NOT_STARTED: ("·", "dim"),
}
_TELL = (progress.NOT_PASSED, progress.NOT_CHECKED)


def show_map() -> int:
    """Lay what the work folder lacks, and show where the learner stands; grades nothing."""
    place = Workplace.here()
    say_laid(place, lay(place.course, place.work))
    states = {lesson: place.state(lesson) for lesson in place.lessons()}
    for part, group in groupby(states, key=lambda lesson: lesson.part):
        _say_part(part, list(group), states)
    _say_sum(states)
    _say_next(place, states)
    return PASSED


def say_laid(place: Workplace, laid: Laid) -> None:
    """Write what was laid into the work folder, if anything was."""
    if laid.added:
        count = len({path.parent for path in laid.added})
        say_prose(f"Laid {count} lesson{'s' if count > 1 else ''} in {short_path(place.work)}: it is yours.")
    if laid.refreshed:
        names = ", ".join(map(short_path, laid.refreshed))
        say_prose(f"Brought up to date, since you had not touched them: {names}.")
    for path in laid.outdated:
        number = path.parent.name[:2]
        say_prose(
            f"The course has a newer {short_path(path)}; yours stays. The new one, with a backup of yours:"
        )
        say(f"  {command(f'reset {number}')}")
    if laid.added or laid.refreshed or laid.outdated:
        say()


def _say_part(part: int, group: list[Lesson], states: dict[Lesson, str]) -> None:
    say(f"Part {part} · {PARTS[part]}", "bold")
    for lesson in group:
        mark, style = _MARKS[states[lesson]]
        note = f"  {states[lesson]}" if states[lesson] in _TELL else ""
        right = f"{lesson.minutes:>4} min{note}"
        say(_row(f"  {mark} {lesson.number}  {lesson.title}", right), style)
    say()


def _row(left: str, right: str) -> str:
    """Return a line with the minutes in one column, where the title leaves room for them."""
    column = width() - len("  9999 min  not checked")
    if len(left) > column:
        left = left[: column - 1].rstrip() + "…"
    return f"{left:<{column}}{right}"


def _say_sum(states: dict[Lesson, str]) -> None:
    passed = [lesson for lesson, state in states.items() if state == progress.PASSED]
    minutes, total = (sum(lesson.minutes for lesson in group) for group in (passed, states))
    say(f"{len(passed)} of {len(states)} lessons passed · {minutes} of {total} minutes")
    if progress.NOT_CHECKED in states.values():
        say(f"? has not been checked as it is now: {command('check --all')}", "yellow")
    say()


def _say_next(place: Workplace, states: dict[Lesson, str]) -> None:
    lesson = next((lesson for lesson, state in states.items() if state != progress.PASSED), None)
    if lesson is None:
        say("You have passed every lesson." if states else "The course has no lessons yet.")
    else:
        say_next_step(place, lesson, states[lesson])
