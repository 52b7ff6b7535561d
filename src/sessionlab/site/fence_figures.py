"""Fills the trace fences of a page: each with what the answer did when it was graded."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from ..course.lesson import Lesson
from ..drawing import Step
from ..recorder import trace as kinds
from ..recorder.trace import Trace
from .answer_excerpt import function
from .figure import steps_figure, trace_figure
from .markdown import fenced
from .recordings import NO_POSTGRESQL, Recording, Recordings, named
from .trace_fence import FENCE, Fence, fences

_SETTING_UP = (kinds.ENGINE_MADE, kinds.ENGINE_DISPOSED)


class FenceFigures:
    """The figures that the pages of a course ask for."""

    def __init__(self, lessons: Iterable[Lesson], recordings: Recordings) -> None:
        self._lessons = {lesson.slug: lesson for lesson in lessons}
        self._recordings = recordings

    def fill(self, path: Path, markdown: str, lesson: Lesson | None, before: int = 0) -> str:
        """Return a page's Markdown with a figure in the place of each fence; raises Malformed.

        `lesson` is the one that the page belongs to. The text begins `before` lines below the start of its file.
        """
        asked = list(fences(path, markdown, before))
        figures = iter([self._figure(fence, asked, lesson) for fence in asked])
        return FENCE.sub(lambda _: next(figures), markdown)

    def trace(self, fence: Fence, asked: list[Fence], lesson: Lesson | None) -> Trace:
        """Return the trace that a fence of a page shows; raises Malformed."""
        recording = self._recording(fence, lesson)
        if fence.check:
            return self._narrowed(fence, self._of_check(fence, recording, fence.check))
        failed = _first(recording)
        if failed is not None:
            return self._narrowed(fence, failed)
        return self._beside(fence, recording, asked, lesson)

    def _figure(self, fence: Fence, asked: list[Fence], lesson: Lesson | None) -> str:
        if self._is_left_out(fence, lesson):
            return NO_POSTGRESQL
        steps = self._steps(fence, lesson)
        drawn = (
            steps_figure(steps, fence.alt)
            if steps
            else trace_figure(self.trace(fence, asked, lesson).renumbered(), fence.alt)
        )
        return f"{self._code(fence, lesson)}\n{drawn}\n" if fence.code else drawn

    def _steps(self, fence: Fence, lesson: Lesson | None) -> list[Step]:
        """Return the interleaving of the check that is drawn, where it has kept one and no request is asked for."""
        recording = self._recording(fence, lesson)
        first = recording.verdict.first_failure
        check = fence.check or (first.id if first else "")
        return [] if fence.request else recording.steps(check)

    def _code(self, fence: Fence, lesson: Lesson | None) -> str:
        source = self._recording(fence, lesson).answer.source().decode()
        shown = function(source, fence.code)
        if shown is None:
            raise fence.malformed(
                f"{fence.file} has no {fence.code}", "name a function or a class of its module."
            )
        return fenced(shown.lines, "python")

    def _is_left_out(self, fence: Fence, lesson: Lesson | None) -> bool:
        """Whether the answer is there and could not be recorded here."""
        asked = self._lessons.get(fence.lesson) if fence.lesson else lesson
        there = asked is not None and (asked.answers / fence.file).is_file()
        return asked is not None and there and self._recordings.one(asked, fence.file) is None

    def _recording(self, fence: Fence, lesson: Lesson | None) -> Recording:
        named_lesson = self._lessons.get(fence.lesson) if fence.lesson else lesson
        if named_lesson is None:
            what = (
                f"the course has no lesson {fence.lesson!r}"
                if fence.lesson
                else "the page belongs to no lesson"
            )
            raise fence.malformed(
                what, "write the lesson's slug before the answer: `07_get_db/wrong/returned.py`."
            )
        found = self._recordings.one(named_lesson, fence.file)
        if found is None:
            known = [named(recording.answer) for recording in self._recordings.of(named_lesson)]
            raise fence.malformed(f"there is no answer {fence.file}", _nearest(fence.file, known))
        return found

    def _of_check(self, fence: Fence, recording: Recording, check: str) -> Trace:
        trace = recording.trace(check)
        if trace is None:
            hint = _nearest(check, [known.id for known in recording.verdict.checks])
            raise fence.malformed(f"the suite has no check {check!r}", hint)
        return trace

    def _narrowed(self, fence: Fence, trace: Trace) -> Trace:
        if not fence.request:
            return without_setting_up(trace)
        numbers = [_request_number(fence, trace, text) for text in fence.request.split(" and ")]
        # Whether the pool had a connection at hand depends on what was before, and for a leak on the garbage collector.
        return Trace(
            tuple(event for event in trace if event.request in numbers and event.kind != kinds.CONNECTED)
        )

    def _beside(self, fence: Fence, recording: Recording, asked: list[Fence], lesson: Lesson | None) -> Trace:
        """An answer that fails nothing is shown where the wrong answer beside it is."""
        wrong = [one for one in asked if one.file.startswith("wrong/") and one.lesson == fence.lesson]
        nearest = min(wrong, key=lambda one: abs(one.line - fence.line), default=None)
        other = self._recording(nearest, lesson) if nearest else None
        failure = other.verdict.first_failure if other else None
        if other is None or failure is None:
            raise fence.malformed(
                f"{fence.file} fails no check, so which one to draw is not clear",
                f"add a line `check:` with one of {', '.join(check.id for check in recording.verdict.checks[1:])}.",
            )
        trace = self._of_check(fence, recording, failure.id)
        shown = Trace.from_json(failure.trace).requests
        return Trace(tuple(event for event in trace if event.request in shown)) if shown else trace


def _request_number(fence: Fence, trace: Trace, text: str) -> int | None:
    """Return the number of the first request or call that begins with this text; raises Malformed."""
    begun = trace.of(kinds.REQUEST_STARTED, kinds.CALL_STARTED)
    found = next((event for event in begun if event.text.startswith(text)), None)
    if found is None:
        hint = _nearest(text, list(dict.fromkeys(event.text for event in begun)))
        raise fence.malformed(f"the trace has no request {text!r}", hint)
    return found.request


def _first(recording: Recording) -> Trace | None:
    """Return what the answer did in the first check that it fails, as the verdict shows it."""
    failure = recording.verdict.first_failure
    return Trace.from_json(failure.trace).published() if failure else None


def first_failure(recording: Recording) -> Trace:
    """Return the trace of the first check that an answer fails; an empty one if it fails none."""
    return without_setting_up(_first(recording) or Trace())


def without_setting_up(trace: Trace) -> Trace:
    """Return a trace without what prepares it: engines made, tables created, calls that run no line of the answer."""
    first = trace.first(kinds.REQUEST_STARTED, kinds.CALL_STARTED)
    begins = first.n if first and not trace.until(first).of(kinds.SESSION_OPENED) else 0
    own = {event.request for event in trace if event.where is not None or event.session is not None}
    foreign = {event.request for event in trace.of(kinds.CALL_STARTED)} - own
    return Trace(
        tuple(
            event
            for event in trace
            if event.n >= begins and event.kind not in _SETTING_UP and event.request not in foreign
        )
    )


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1, 0.4)
    return f"did you mean `{near[0]}`?" if near else f"it has {', '.join(known)}."
