"""The kernel's judge: a process that is started by the first check, kept warm, and ended with the kernel."""

from __future__ import annotations

import atexit
from pathlib import Path

from ..grader.front_end import Front, JudgeBroken, Progress
from ..grader.learner_check import Checked, check_file
from .attempt import Attempt


class KernelJudge:
    """At most one judge at a time, for the course that was graded last."""

    def __init__(self) -> None:
        self._front: Front | None = None
        self._course: Path | None = None
        atexit.register(self.end)

    def check_attempt(self, attempt: Attempt, told: Progress | None = None) -> Checked:
        """Grade an attempt; `told` is told each check's id and state as it is judged. Raises JudgeBroken.

        A judge that ended while it was idle is replaced. One that is interrupted is ended, since half of its
        answer would still be in the pipe.
        """
        try:
            return check_file(
                self._ready(attempt.lesson.course), attempt.lesson, attempt.submission, attempt.database, told
            )
        except (JudgeBroken, KeyboardInterrupt):
            self.end()
            raise

    def end(self) -> None:
        """End the judge, if there is one, and whatever it has started."""
        front, self._front = self._front, None
        if front is not None:
            front.close()

    def _ready(self, course: Path) -> Front:
        if self._front is None or not self._front.alive or self._course != course:
            self.end()
            self._course, self._front = course, Front(course, stay=True)
        return self._front
