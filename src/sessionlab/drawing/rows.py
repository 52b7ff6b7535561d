"""The rows of a picture: events that say one thing together are one row, repetitions are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..recorder import trace as kinds
from ..recorder.trace import Event, Trace
from .as_sent import as_sent, was_sent
from .findings import Finding, findings
from .repeated_requests import like

# What follows whom in the same row, if nothing else happened in between.
_FOLLOWED_BY = {
    kinds.CONNECTION_WANTED: (kinds.CONNECTED, kinds.CHECKED_OUT),
    kinds.CONNECTED: (kinds.CHECKED_OUT,),
    kinds.INVALIDATED: (kinds.CHECKED_IN,),
    kinds.COMMIT_SENT: (kinds.COMMIT_DONE, kinds.COMMIT_FAILED),
    kinds.CHECKED_IN: (kinds.SESSION_CLOSED,),
    kinds.CALLED: (kinds.CALL_RETURNED,),
    kinds.BACKGROUND: (kinds.BACKGROUND_DONE,),
    kinds.RESPONSE_STARTED: (kinds.BODY, kinds.RESPONSE_DONE),
    kinds.BODY: (kinds.BODY, kinds.RESPONSE_DONE),
    kinds.RESPONSE_DONE: (kinds.REQUEST_DONE,),
}
_LONGEST_BLOCK = 12
_KEPT = 2
_WORTH_LEAVING_OUT = 4


@dataclass(frozen=True, slots=True)
class Row:
    """Events that say one thing together; or, with `left_out`, the words for events that are not shown."""

    events: tuple[Event, ...]
    left_out: str = ""
    alerts: tuple[Finding, ...] = ()

    @property
    def n(self) -> int:
        """The step by which one speaks of this row: that of its first event."""
        return self.events[0].n

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its events."""
        return tuple(event.kind for event in self.events)

    def number(self, family: str) -> int | None:
        """Return the number of its "request", "session", "connection" or "engine", or None."""
        return next((n for event in self.events if (n := getattr(event, family)) is not None), None)

    @property
    def sent(self) -> bool:
        """Whether what it asked of the database was sent to it then."""
        return all(map(was_sent, self.events))

    def has(self, *wanted: str) -> bool:
        """Say whether one of its events is of one of these kinds."""
        return any(event.kind in wanted for event in self.events)


def rows(trace: Trace) -> list[Row]:
    """Return the rows of a trace in order.

    Requests that are like two earlier ones, and blocks of rows that come again and again, are left out; one
    row then says how many. What somebody should look at is never left out for being like something harmless.
    """
    alerts: dict[tuple[int, str], list[Finding]] = {}
    for finding in findings(trace):
        for event in finding.events:
            alerts.setdefault((event.n, event.kind), []).append(finding)
    return _without_repetition(list(_joined(_without_alike(trace, {n for n, _ in alerts}), alerts)))


def _without_alike(trace: Trace, marked: set[int]) -> Iterator[Event | Row]:
    copies = like(trace, marked, _KEPT, _WORTH_LEAVING_OUT)
    told: set[int] = set()
    for event in as_sent(trace):
        model = copies.get(event.request) if event.request is not None else None
        if model is None:
            yield event
        elif model not in told:
            told.add(model)
            number = sum(1 for other in copies.values() if other == model)
            yield Row((event,), left_out=f"… {number} requests like request {model}")


def _joined(items: Iterable[Event | Row], alerts: dict[tuple[int, str], list[Finding]]) -> Iterator[Row]:
    together: list[Event] = []
    for item in items:
        if together and not (isinstance(item, Event) and _goes_on(together, item)):
            yield _row(together, alerts)
            together = []
        if isinstance(item, Row):
            yield item
        else:
            together.append(item)
    if together:
        yield _row(together, alerts)


def _row(events: list[Event], alerts: dict[tuple[int, str], list[Finding]]) -> Row:
    found = {finding.line: finding for event in events for finding in alerts.get((event.n, event.kind), ())}
    return Row(tuple(events), alerts=tuple(found.values()))


def _goes_on(together: list[Event], event: Event) -> bool:
    before = together[-1]
    return event.kind in _FOLLOWED_BY.get(before.kind, ()) and all(
        None in (pair := (getattr(before, family), getattr(event, family))) or pair[0] == pair[1]
        for family in ("request", "session", "connection")
    )


def _without_repetition(all_rows: list[Row]) -> list[Row]:
    kept: list[Row] = []
    looks = [_look(row) for row in all_rows]
    at = 0
    while at < len(all_rows):
        size, times = _block(looks, at)
        kept += all_rows[at : at + size * min(times, _KEPT)]
        if times > _KEPT:
            kept.append(_again(all_rows[at : at + size * times], size, times - _KEPT))
        at += size * times
    return kept


def _block(looks: list[object], at: int) -> tuple[int, int]:
    """Return the size of the shortest block of rows that comes again and again from here, and how often."""
    for size in range(1, _LONGEST_BLOCK + 1):
        times = 1
        while looks[at : at + size] == looks[at + times * size : at + (times + 1) * size]:
            times += 1
        if times >= _WORTH_LEAVING_OUT:
            return size, times
    return 1, 1


def _again(block: list[Row], size: int, times: int) -> Row:
    steps = "this step" if size == 1 else f"these {size} steps"
    return Row(block[size * _KEPT].events, left_out=f"… {steps} again, {times} times")


def _look(row: Row) -> object:
    """Return what two rows must share to be the same thing once more: all but sessions and connections."""
    texts = tuple(
        (event.kind, event.text, event.where, event.request, was_sent(event)) for event in row.events
    )
    return texts, row.left_out, tuple(finding.what for finding in row.alerts)
