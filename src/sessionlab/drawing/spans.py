"""From when to when a request, a session and a check-out lasted, and the lane of a picture for each."""

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
            lasts = _lasts(family, event, found)
            found.append(Span(number, event.n))
            if lasts:
                running[number] = found[-1]
        if event.kind in _ENDS[family]:
            running.pop(number, found[-1]).end = event.n
    for span in found:
        if span.end is None and running.get(span.number) is not span:
            span.end = span.start
    return found


def _lasts(family: str, event: Event, before: list[Span]) -> bool:
    """Say whether what is heard of by this event goes on from here.

    A connection goes on only if it is in use; what is heard of a request after its end doesn't begin it anew.
    """
    if family == "request" and any(span.number == event.request for span in before):
        return False
    idle = (
        (kinds.CONNECTED, kinds.CONNECTION_WANTED, kinds.ERROR, kinds.DRIVER_SENT)
        if family == "connection"
        else ()
    )
    return event.kind not in (*_ENDS[family], *idle)


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
