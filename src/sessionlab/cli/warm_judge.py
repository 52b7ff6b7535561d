"""A judge that is kept warm between saves, grading in a thread of its own."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

from ..course.lesson import Lesson
from ..grader.front_end import Front
from ..grader.learner_check import Checked, check_file
from . import head_start

Answer = Checked | Exception


class WarmJudge:
    """Grades one file at a time. A grading that was given up is never told of."""

    def __init__(self, course: Path) -> None:
        self._course = course
        self._front = Front(course, stay=True, judge=head_start.take())
        self._answer: queue.SimpleQueue[Answer] | None = None

    @property
    def busy(self) -> bool:
        """Whether a grading has begun whose answer has not been taken."""
        return self._answer is not None

    @property
    def alive(self) -> bool:
        """Whether the judge's process runs."""
        return self._front.alive

    def begin(self, lesson: Lesson, submission: Path) -> None:
        """Begin to grade a file; what was begun before must have been answered, or given up by `restart`."""
        self._answer = queue.SimpleQueue()
        work = (self._front, lesson, submission, self._answer)
        threading.Thread(target=_grade, args=work, name="sessionlab grading", daemon=True).start()

    def answer(self, seconds: float) -> Answer | None:
        """Return the verdict, or what was raised in its place; None if there is none within these seconds."""
        if self._answer is None:
            return None
        try:
            answer = self._answer.get(timeout=seconds)
        except queue.Empty:
            return None
        self._answer = None
        return answer

    def restart(self) -> None:
        """Give up what has begun, and start another judge."""
        self._answer = None
        self._front.close()
        self._front = Front(self._course, stay=True)

    def close(self) -> None:
        """End the judge."""
        self._front.close()


def _grade(front: Front, lesson: Lesson, submission: Path, answer: queue.SimpleQueue[Answer]) -> None:
    try:
        answer.put(check_file(front, lesson, submission))
    except Exception as error:  # the loop raises it again, in the thread that can tell it
        answer.put(error)
