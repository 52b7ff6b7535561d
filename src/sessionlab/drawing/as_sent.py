"""A trace with each BEGIN where it was sent, and each savepoint told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from ..recorder import trace as kinds
from ..recorder.trace import Event, Trace

# SQLAlchemy announces these, and then sends a statement that begins so.
_SAVEPOINTS = {kinds.SAVEPOINT: "SAVEPOINT", kinds.RELEASE: "RELEASE", kinds.ROLLBACK_TO: "ROLLBACK TO"}


def as_sent(trace: Trace) -> Iterator[Event]:
    """Yield the events as a picture has them.

    A BEGIN that the driver sent has a row before its statement: that of SQLAlchemy's beginning where nothing happened
    in between, and otherwise one of its own, with the statement's number.
    """
    told = None
    for event, following in _pairs(_without_announced(trace)):
        if event.kind == kinds.BEGIN and event.data.get("sent") is False and _is_next(event, following):
            if following.text.upper().startswith("BEGIN"):
                continue  # the program's own: the statement says it
            if "began" in following.data:
                told = following
                yield replace(event, text=following.data["began"], data={})
                continue
        if "began" in event.data and event is not told:
            yield replace(event, kind=kinds.BEGIN, text=event.data["began"], where=None, data={})
        yield event


def was_sent(event: Event) -> bool:
    """Say whether what SQLAlchemy asked for was sent then, as far as is known."""
    return event.data.get("sent", True) is True


def _without_announced(trace: Trace) -> Iterator[Event]:
    for event, following in _pairs(trace):
        begins = _SAVEPOINTS.get(event.kind)
        if not begins or not _is_next(event, following) or not following.text.upper().startswith(begins):
            yield event


def _pairs(events: Iterable[Event]) -> Iterator[tuple[Event, Event]]:
    """Yield each event and the one after it; the last one with itself."""
    all_events = list(events)
    yield from pairwise([*all_events, *all_events[-1:]])


def _is_next(event: Event, following: Event) -> bool:
    return following.kind == kinds.STATEMENT and following.connection == event.connection
