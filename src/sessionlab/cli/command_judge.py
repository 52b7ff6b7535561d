"""The judge of one command's run, with its progress on standard error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..course.errors import WrongUse
from ..course.lesson import Lesson
from ..course.workplace import Workplace
from ..grader.front_end import Front, JudgeBroken
from ..grader.learner_check import Checked, check_file
from ..grader.verdict_document import Verdict
from . import head_start
from .terminal.paths import short_path
from .terminal.prefix import command
from .terminal.progress_line import progress_line


class CommandJudge:
    """Grades with one judge, and with another where one has ended. Use it as a context manager."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._front = Front(place.course, judge=head_start.take())

    def __enter__(self) -> CommandJudge:
        return self

    def __exit__(self, *error: Any) -> None:
        self._front.close()

    def check(self, lesson: Lesson, submission: Path, database: str | None = None) -> Checked:
        """Grade a file. A grader that comes to no verdict yields one that is broken, and says why in `fault`."""
        if not self._front.alive:
            self._front.close()
            self._front = Front(self._place.course)
        try:
            with progress_line(lesson.slug) as progress:
                return check_file(self._front, lesson, submission, database, progress)
        except JudgeBroken as error:
            fault = str(error).strip() or "the judge gave no reason"
            return Checked(lesson, Verdict(lesson.slug, str(submission), [], fault=fault), "", "")

    def release(self) -> None:
        """Let the judge clear away while its last verdict is shown."""
        self._front.release()


def require_readable(place: Workplace, lesson: Lesson, submission: Path) -> None:
    """Raise WrongUse where the file that is to be graded can't be read, and say what to do."""
    mine = submission == place.exercise(lesson)
    if not _exists(submission):
        hint = f"`{command(f'reset {lesson.number}')}` writes the starter." if mine else "name another file."
        raise WrongUse(f"There is no file {short_path(submission)} to grade.", hint)
    if not submission.is_file():
        raise WrongUse(f"{short_path(submission)} is no file, so it can't be graded.", "name a Python file.")
    try:
        submission.open("rb").close()
    except OSError as error:
        raise WrongUse(
            f"{short_path(submission)} can't be read: {error.strerror}.",
            "give yourself the right to read it.",
        ) from None


def _exists(submission: Path) -> bool:
    try:
        return submission.exists()
    except OSError as error:  # a name that is too long, a folder that may not be entered
        fact = f"{short_path(submission)} can't be read: {error.strerror}."
        raise WrongUse(fact, "name another file.") from None


def require_offered(lesson: Lesson, database: str | None) -> None:
    """Raise WrongUse where a lesson does not run on the database that is asked for."""
    if database is not None and database not in lesson.database:
        known = " and on ".join(lesson.database)
        raise WrongUse(
            f"{lesson.slug} does not run on {database!r}: it runs on {known}.", "leave `--on` out."
        )
