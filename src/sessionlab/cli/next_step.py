"""What to do next in a lesson: the page, the notebook, the file and its first TODO, and the commands."""

from __future__ import annotations

from collections.abc import Iterator

from ..course import progress
from ..course.lesson import Lesson
from ..course.starter import first_todo
from ..course.work import notebook
from ..course.workplace import Workplace
from .terminal.paths import short_path
from .terminal.prefix import command
from .terminal.screen import say, say_prose

_GAP = " " * 10


def say_next_step(place: Workplace, lesson: Lesson, state: str) -> None:
    """Write what to do next in a lesson; each command stands as it can be run."""
    say_prose(f"Next: {lesson.number} · {lesson.title} ({lesson.minutes} minutes)", "bold", " " * 6)
    for name, text in _steps(place, lesson, state):
        say(f"  {name:<8}{text}")  # a path or a command, which is copied whole
        todo = _todo(place, lesson) if name == "write" else ""
        if todo:
            say_prose(f"{_GAP}the first {todo}", indent=_GAP)


def say_not_started(place: Workplace, lesson: Lesson) -> None:
    """Write that a lesson's file is as the course gave it, and what to do first."""
    say_prose(f"{lesson.slug} is not started: {short_path(place.exercise(lesson))} is as the course gave it.")
    say()
    say_next_step(place, lesson, progress.NOT_STARTED)


def first_todo_of(place: Workplace, lesson: Lesson) -> str | None:
    """Return the first TODO that is left in the learner's file, or None."""
    return first_todo(_source(place, lesson))


def _todo(place: Workplace, lesson: Lesson) -> str:
    """Return the first TODO with its line, as "TODO, line 7: open a session"; "" if none is left."""
    source = _source(place, lesson)
    label = first_todo(source)
    if label is None:
        return ""
    line = source[: source.index(f"# TODO: {label}")].count("\n") + 1
    return f"TODO, line {line}: {label}"


def _source(place: Workplace, lesson: Lesson) -> str:
    try:
        return place.exercise(lesson).read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _steps(place: Workplace, lesson: Lesson, state: str) -> Iterator[tuple[str, str]]:
    yield "read", short_path(lesson.readme)
    if notebook(lesson, place.work).is_file():
        yield "see", command(f"lab {lesson.number}")
        yield "", f"opens {short_path(notebook(lesson, place.work))} in JupyterLab"
    yield "write", short_path(place.exercise(lesson))
    yield "check", command(f"check {lesson.number}")
    yield "or", command(f"watch {lesson.number}")
    yield "", "checks on each save"
    if state == progress.NOT_PASSED:
        yield "hint", command(f"hint {lesson.number}")
