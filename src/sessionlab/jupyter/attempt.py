"""What a magic works on: a lesson, the file that is to be graded, and the verdicts that are kept of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..course import progress
from ..course.errors import WrongUse
from ..course.last_run import last_run
from ..course.lesson import Lesson
from ..course.root import SUBMISSION_VARIABLE
from ..course.work import lay
from ..course.workplace import Workplace
from ..grader.learner_check import Checked
from ..grader.verdict_document import Verdict


@dataclass(frozen=True)
class Attempt:
    """The file `submission` as an answer to a lesson, on one of the lesson's databases."""

    place: Workplace
    lesson: Lesson
    submission: Path
    database: str

    @property
    def own(self) -> bool:
        """Whether it is the learner's copy in the work folder: only its verdicts are kept."""
        return self.submission == self.place.exercise(self.lesson)

    @property
    def name(self) -> str:
        """The file as seen from the course's root or the work folder, or its whole path."""
        for above in (self.place.course, self.place.work):
            if self.submission.is_relative_to(above):
                return self.submission.relative_to(above).as_posix()
        return str(self.submission)

    def known(self) -> Verdict | None:
        """Return the verdict that is kept on exactly these files, or None."""
        key = progress.key(self.lesson, self.submission, self.database)
        document = progress.load(self.place.work, self.lesson, key) if self.own else None
        return None if document is None else Verdict.from_json(document)

    def unchanged(self, checked: Checked) -> bool:
        """Return whether the check run before this one was on the same source."""
        before = last_run(self.place.work, self.lesson) if self.own else None
        return before is not None and (before.source, before.submission) == (checked.source, self.submission)

    def keep(self, checked: Checked) -> None:
        """Keep a verdict as the command line does, if the file is the learner's own."""
        if self.own:
            checked.keep(self.place.work)


def find_attempt(name: str = "", database: str = "") -> Attempt:
    """Return the attempt at a lesson: the file that SESSIONLAB_SUBMISSION names, or the copy in the work folder.

    Without a name it is the lesson whose folder the notebook lies in. A copy that is not there yet is laid.
    Raises WrongUse: no such lesson, no such file, no such database.
    """
    place = Workplace.here()
    lesson = place.lesson(name) if name else _here(place)
    return Attempt(place, lesson, _file(place, lesson), _database(lesson, database))


def _here(place: Workplace) -> Lesson:
    try:
        return place.lesson(str(Path.cwd()))
    except WrongUse:
        fact = f"No lesson was named, and the folder {Path.cwd()} belongs to none."
        raise WrongUse(fact, "name one by its number, as in `%check 07`.") from None


def _file(place: Workplace, lesson: Lesson) -> Path:
    named = os.environ.get(SUBMISSION_VARIABLE, "").strip()
    if not named and not place.exercise(lesson).is_file():
        lay(place.course, place.work)
    path = Path(os.path.abspath(os.path.expanduser(named))) if named else place.exercise(lesson)
    if path.is_file():
        return path
    hint = f"let {SUBMISSION_VARIABLE} name a file, or unset it." if named else "fetch the course afresh."
    raise WrongUse(f"There is no file {path} to grade.", hint)


def _database(lesson: Lesson, name: str) -> str:
    if name and name not in lesson.database:
        raise WrongUse(f"{lesson} does not run on {name!r}.", f"it runs on {' and '.join(lesson.database)}.")
    return name or lesson.database[0]
