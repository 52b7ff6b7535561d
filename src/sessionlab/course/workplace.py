"""Where a command works: the course, the learner's folder, and the lesson that is meant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import progress
from .errors import WrongUse
from .lesson import Lesson, find_lesson, lessons
from .root import find_course, find_work
from .work import lay, private, submission


@dataclass(frozen=True)
class Workplace:
    """The course's root and the learner's folder."""

    course: Path
    work: Path

    @classmethod
    def here(cls) -> Workplace:
        """Return the place that the current folder belongs to; raises CourseNotFound."""
        course = find_course()
        return cls(course, find_work(course))

    @classmethod
    def laid(cls) -> Workplace:
        """Return the place, with a work folder, and in it a folder of each lesson, also new ones; raises WrongUse."""
        place = cls.here()
        laid = private(place.work).is_dir()
        if not laid or not all((place.work / lesson.slug).is_dir() for lesson in place.lessons()):
            lay(place.course, place.work)
        return place

    def lessons(self) -> list[Lesson]:
        """Return the lessons in order; raises WrongUse."""
        return lessons(self.course)

    def lesson(self, name: str) -> Lesson:
        """Return the lesson that is meant by a number, a slug or a path; raises WrongUse."""
        return find_lesson(self.course, name)

    def state(self, lesson: Lesson) -> str:
        """Return the lesson's state, without grading anything."""
        return progress.state(lesson, self.work, lesson.database[0])

    def next(self, after: Lesson | None = None) -> Lesson | None:
        """Return the first lesson that has not passed, from the one `after` this on if there is one."""
        known = self.lessons()
        if after is not None:
            later = [lesson for lesson in known if lesson.slug > after.slug]
            known = [*later, *(lesson for lesson in known if lesson.slug < after.slug)]
        return next((lesson for lesson in known if self.state(lesson) != progress.PASSED), None)

    def named_or_next(self, name: str | None) -> Lesson:
        """Return the lesson that is named; else the next one to do, or the last where all have passed."""
        if name is not None:
            return self.lesson(name)
        known = self.lessons()
        if not known:
            raise WrongUse("The course has no lessons yet.", "fetch the course afresh.")
        return self.next() or known[-1]

    def exercise(self, lesson: Lesson) -> Path:
        """Return the learner's file of a lesson."""
        return submission(lesson, self.work)
