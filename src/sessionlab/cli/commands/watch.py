"""`sessionlab watch`: grades on each save with a judge that is kept warm, and moves on when a lesson passes."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

from ...course.errors import WrongUse
from ...course.last_run import Run, last_run
from ...course.lesson import Lesson
from ...course.work import untouched
from ...course.workplace import Workplace
from ...grader.front_end import JudgeBroken
from ...grader.learner_check import Checked
from ...grader.verdict_document import PASSED, Verdict
from .. import ending
from ..command_judge import require_readable
from ..lesson_name import LessonOrNext
from ..next_step import say_next_step
from ..report import say_heading, say_verdict
from ..saves import GONE, SAVED, Saves
from ..terminal.keyboard import END, Read, keyboard
from ..terminal.paths import short_path
from ..terminal.screen import is_terminal, say, say_prose, width
from ..warm_judge import WarmJudge
from .hint import say_hint
from .trace import say_trace

_TICK = 0.02  # seconds between two looks at the file
_PATIENCE = 1.0  # seconds after a save for a check of the version before to end by itself
_KEYS = "h hint · t trace · n next lesson · q quit"


def watch(lesson: LessonOrNext = None) -> int:
    """Grade on each save; move on to the next lesson when one passes. Keys: h hint, t trace, n next, q quit."""
    place = Workplace.laid()
    begin_with = place.named_or_next(lesson)
    require_readable(place, begin_with, place.exercise(begin_with))
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)
    judge = WarmJudge(place.course)
    try:
        with keyboard() as read:
            return _Watch(place, judge, read, stay=lesson is not None).run(begin_with)
    finally:
        judge.close()


def _end(number: int, frame: FrameType | None) -> None:
    """End in order, so that the terminal gets its modes back and the judge ends."""
    raise SystemExit(128 + number)


class _Watch:
    """One lesson's file at a time, and what is known of it."""

    def __init__(self, place: Workplace, judge: WarmJudge, read: Read, stay: bool) -> None:
        """With `stay`, a lesson that passes as it is found is left only after a save."""
        self._place = place
        self._judge = judge
        self._read = read
        self._keys = {"h": self._hint, "t": self._trace, "n": self._next}
        self._verdict: Verdict | None = None
        self._silent = False  # the file as the course gave it is graded to warm up, and not told of
        self._stay = stay
        self._saved: float | None = None  # when the file was saved during the check that is running
        self._died = 0

    def run(self, lesson: Lesson) -> int:
        """Watch until somebody quits, or every lesson has passed; return the exit code."""
        self._enter(lesson)
        while self._lesson is not None:
            key = self._read(0 if self._judge.busy else _TICK)
            if key in ("q", END):
                return ending.PASSED
            if key in self._keys:
                self._keys[key]()
            self._look()
            self._take_answer()
        return ending.PASSED

    def _enter(self, lesson: Lesson) -> None:
        """Begin to watch a lesson's file, and grade it as it is."""
        self._lesson: Lesson | None = lesson
        self._exercise = self._place.exercise(lesson)
        self._saves = Saves(self._exercise)
        self._verdict, self._saved, self._by_save = None, None, False
        self._silent = untouched(lesson, self._place.work)
        if self._silent:
            say_next_step(self._place, lesson, self._place.state(lesson))
            say()
        say_prose(f"Watching {short_path(self._exercise)}: each save is checked.", "bold")
        self._say_keys()
        self._grade()

    def _look(self) -> None:
        """See what became of the file."""
        seen = self._saves.poll()
        if seen == GONE:
            say_prose(f"{short_path(self._exercise)} is gone. It is checked when it is back.", "yellow")
        if seen == SAVED:
            self._silent, self._stay, self._by_save = False, False, True
            if self._judge.busy:
                self._saved = time.monotonic()
            else:
                self._grade()
        if self._saved is not None and time.monotonic() - self._saved > _PATIENCE:
            self._judge.restart()
            self._grade()

    def _grade(self) -> None:
        assert self._lesson is not None
        self._saved = None
        self._judge.begin(self._lesson, self._exercise)

    def _take_answer(self) -> None:
        answer = self._judge.answer(_TICK)
        if answer is None:
            if not self._judge.busy and not self._judge.alive:
                self._start_another()
        elif self._saved is not None:
            self._grade()  # the answer is on a version that is gone
        elif isinstance(answer, JudgeBroken):
            self._tell_broken(answer)
        elif isinstance(answer, Exception):
            raise answer
        else:
            self._tell(answer)

    def _start_another(self) -> None:
        say_prose("The judge has ended; another one is starting.", "yellow")
        self._judge.restart()

    def _tell_broken(self, error: JudgeBroken) -> None:
        if not self._exercise.exists():
            return  # it went away before it could be read, and `_look` says so
        if self._judge.alive or self._died:
            self._died = 0
            ending.tell_broken(str(error))
            return
        self._died += 1
        self._start_another()
        self._grade()

    def _tell(self, checked: Checked) -> None:
        """Show a verdict, and move on if it has passed."""
        self._verdict, self._died = checked.verdict, 0
        if self._silent:
            return
        before = last_run(self._place.work, checked.lesson) if self._by_save else None
        self._say_checked(checked, before)
        checked.keep(self._place.work)
        if checked.verdict.state == PASSED and not self._stay:
            self._move_on(checked.lesson)

    def _say_checked(self, checked: Checked, before: Run | None) -> None:
        say()
        say(f"── {time.strftime('%H:%M:%S')} ──".ljust(width(), "─"), "dim")
        say_heading(self._exercise, checked.source, before)
        say()
        say_verdict(checked.lesson, checked.verdict)
        self._say_keys()

    def _say_keys(self) -> None:
        if is_terminal(sys.stdin):
            say(_KEYS, "dim")

    # --- keys

    def _hint(self) -> None:
        if self._verdict is None or self._lesson is None:
            say("There is no verdict yet.")
        else:
            say()
            say_hint(self._place, self._lesson, self._verdict)

    def _trace(self) -> None:
        if self._verdict is None or self._lesson is None:
            say("There is no verdict yet.")
            return
        say()
        try:
            say_trace(self._lesson, self._verdict)
        except WrongUse as error:
            say_prose(error.fact)

    def _next(self) -> None:
        assert self._lesson is not None
        self._move_on(self._lesson)

    def _move_on(self, lesson: Lesson) -> None:
        following = self._place.next(after=lesson)
        say()
        if following is not None:
            if self._judge.busy:
                self._judge.restart()
            self._stay = False
            self._enter(following)
        elif self._place.state(lesson) == PASSED:
            say("You have passed every lesson.", "bold green")
            self._lesson = None
        else:
            say(f"{lesson.slug} is the only lesson that has not passed.")
