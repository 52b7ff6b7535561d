"""From when to when a request, a session and a check-out lasted, and in which lane of a picture each is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..recorder import trace as kinds
from ..recorder.trace import Event, Trace

FAMILIES = ("request", "session", "connection")
_ENDS = {
    "request": (kinds.REQUEST_DONE, kinds.CALL_DONE),
    "session": (kinds.SESSION_CLOSED, kinds.SESSION_RESET),
    "connection": (kinds.CHECKED_IN, kinds.INVALIDATED),
}


@dataclass(slots=True)
class Span:
    """The steps through which one thing lasted: `end` is None if it still does. `lane` counts from 0."""

    number: int
    start: int
    end: int | None = None
    lane: int = 0

    def covers(self, n: int) -> bool:
        """Say whether it lasts at step n."""
        return self.start <= n and (self.end is None or n <= self.end)


def spans(trace: Trace, family: str) -> list[Span]:
    """Return the spans of a family (one of FAMILIES) in order, not yet put into lanes.

    A session that is used again after its close has a new span, and a connection has one for each check-out.
    """
    found: list[Span] = []
    running: dict[int, Span] = {}
    for event in trace:
        number = getattr(event, family)
        if number is None:
            continue
        if number not in running:
            found.append(span := Span(number, event.n))
            if _lasts(family, event):
                running[number] = span
        if event.kind in _ENDS[family]:
            running.pop(number, found[-1]).end = event.n
    return _whole(found, trace) if family == "request" else _ended(found, running)


def _lasts(family: str, event: Event) -> bool:
    """Say whether what is first heard of by this event goes on: a connection does only if it is in use."""
    idle = (kinds.CONNECTED, kinds.CONNECTION_WANTED, kinds.ERROR) if family == "connection" else ()
    return event.kind not in (*_ENDS[family], *idle)


def _ended(found: list[Span], running: dict[int, Span]) -> list[Span]:
    for span in found:
        if span.end is None and running.get(span.number) is not span:
            span.end = span.start
    return found


def _whole(found: list[Span], trace: Trace) -> list[Span]:
    """Return one span a request: what is heard of it after its end belongs to it."""
    whole: dict[int, Span] = {}
    for span in found:
        first = whole.setdefault(span.number, span)
        if first is not span and first.end is not None:
            first.end = trace.of(request=span.number)[-1].n
    return list(whole.values())


def in_lanes(spans: Iterable[Span], shown: set[int]) -> list[Span]:
    """Put the spans of what is shown into lanes, and return them.

    A lane is used again when its span has ended; the same thing keeps its lane where it can.
    """
    placed: list[Span] = []
    home: dict[int, int] = {}
    for span in spans:
        if span.number not in shown:
            continue
        taken = {other.lane for other in placed if other.end is None or other.end >= span.start}
        wish = home.get(span.number, -1)
        span.lane = wish if wish >= 0 and wish not in taken else _free(taken)
        home[span.number] = span.lane
        placed.append(span)
    return placed


def _free(taken: set[int]) -> int:
    return next(lane for lane in range(len(taken) + 1) if lane not in taken)
