"""The magics: `%check`, `%hint` and `%trace`, each for a lesson named by number, slug or path."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from .. import drawing  # noqa: F401  # once it is imported, a trace shows itself as a diagram
from ..course.errors import WrongUse
from ..course.hint_ladder import climb, rungs
from ..grader.front_end import JudgeBroken
from ..grader.learner_check import Checked
from ..grader.shown_trace import check_to_trace
from ..grader.verdict_document import BROKEN, PASSED, Check, Verdict
from ..recorder.trace import Trace
from .attempt import Attempt, find_attempt
from .display import Said, ShownVerdict, Watching, heading_of_trace
from .errors import Broken, NotPassed, Refused, Stopped
from .kernel_judge import KernelJudge
from .magic_line import read_line

Show = Callable[[Any], Any]


def _told(magic: Callable[[LessonMagics, str], None]) -> Callable[[LessonMagics, str], None]:
    """Let a magic say what is wrong without a traceback of this package's own lines."""

    @functools.wraps(magic)
    def run(self: LessonMagics, line: str) -> None:
        try:
            magic(self, line)
        except WrongUse as error:
            raise Refused(error.fact, error.hint) from None
        except JudgeBroken as error:
            raise Broken(str(error)) from None
        except KeyboardInterrupt:
            raise Stopped("stopped before there was a verdict") from None

    return run


@magics_class
class LessonMagics(Magics):
    """Grading from a notebook. Suite and submission run in processes of their own, never in the kernel."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._judge = KernelJudge()

    @line_magic
    @_told
    def check(self, line: str) -> None:
        """`%check [LESSON] [--on DATABASE]`: grade your file for a lesson and show the verdict.

        Without a lesson it is the one whose folder the notebook lies in. Raises NotPassed where not every
        check has passed, so that "Run All" stops here.
        """
        given = read_line("check", line)
        attempt = find_attempt(given.lesson, given.database)
        checked, show = self._check_attempt(attempt)
        shown = ShownVerdict(attempt, checked, attempt.unchanged(checked))
        attempt.keep(checked)
        show(shown)
        first = checked.verdict.first_failure
        if first is not None and first.trace:
            _draw(first)
        if checked.verdict.state == BROKEN:
            raise Broken(checked.verdict.fault or shown.summary)
        if checked.verdict.state != PASSED:
            raise NotPassed(f"{shown.summary}; %hint {attempt.lesson.number} helps")

    @line_magic
    @_told
    def hint(self, line: str) -> None:
        """`%hint [LESSON] [--on DATABASE]`: the next hint for the first check that fails."""
        given = read_line("hint", line)
        attempt = find_attempt(given.lesson, given.database)
        verdict, show = self._verdict(attempt)
        show(Said(_hint(attempt, verdict)))

    @line_magic
    @_told
    def trace(self, line: str) -> None:
        """`%trace [LESSON] [--check ID] [--on DATABASE]`: what your code did in a check.

        Without `--check` it is the first check that fails; if none does, the first that did anything.
        """
        given = read_line("trace", line, "--check")
        attempt = find_attempt(given.lesson, given.database)
        verdict, show = self._verdict(attempt)
        _draw(check_to_trace(verdict, given.check, f"%check {attempt.lesson.number}"), show)

    def _verdict(self, attempt: Attempt) -> tuple[Verdict, Show]:
        """Return the verdict on the file as it is now, the one that is kept or a new one, and where to show more."""
        known = attempt.known()
        if known is not None:
            return known, display
        checked, show = self._check_attempt(attempt)
        attempt.keep(checked)
        return checked.verdict, show

    def _check_attempt(self, attempt: Attempt) -> tuple[Checked, Show]:
        """Grade, and show meanwhile how far that is; return what came of it, and what shows it in that place."""
        handle = display(Watching(attempt), display_id=True)
        return self._judge.check_attempt(attempt, Watching(attempt, handle.update)), handle.update


def _draw(check: Check, show: Show = display) -> None:
    show(heading_of_trace(check))
    display(Trace.from_json(check.trace))


def _hint(attempt: Attempt, verdict: Verdict) -> str:
    check, lesson = verdict.first_failure, attempt.lesson
    if check is None:
        return f"Every check of {lesson} passes: there is nothing to hint at."
    text = climb(attempt.place.work, lesson, check.id, check.hints)
    total = len(check.hints)
    if text is not None:
        return f"**{check.id}**, hint {rungs(attempt.place.work, lesson, check.id)} of {total}: {text}"
    if not total:
        return f"**{check.id}** has no hints: what `%check` says is all there is to know."
    shown = "".join(f"\n{number}. {hint}" for number, hint in enumerate(check.hints, start=1))
    return f"**{check.id}**: these are all {total} hints.\n{shown}"
