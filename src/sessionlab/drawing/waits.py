"""Who waited for a connection: the pool had none left, and somebody had to give one back first."""

from __future__ import annotations

from dataclasses import dataclass

from ..recorder import trace as kinds
from ..recorder.trace import Event, Trace


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait: the event that wanted a connection, and the one that ended the wait; None if none did."""

    wanted: Event
    ended: Event | None

    @property
    def got_it(self) -> bool:
        """Whether a connection was checked out in the end."""
        return self.ended is not None and self.ended.kind == kinds.CHECKED_OUT


def waits(trace: Trace) -> list[Wait]:
    """Return the waits of a trace, in the order in which they began.

    A wait is: who never got a connection, who got an error instead, and who got one only after another was given
    back, while the pool was at its limit (or, in a trace that doesn't say it, as many were out as ever were).
    """
    ended = {event.data["wanted"]: event for event in trace if event.data.get("wanted") is not None}
    out = occupied(trace)
    most: dict[int | None, int] = {}
    for event in trace:
        most[event.engine] = max(most.get(event.engine, 0), out[event.n].get(event.engine, 0))
    found = []
    for event in trace.of(kinds.CONNECTION_WANTED):
        end = ended.get(event.n)
        limit = event.data.get("limit") or max(1, most[event.engine])
        full = out[event.n].get(event.engine, 0) >= limit
        if end is None or end.kind == kinds.ERROR or (full and _given_back(trace, event, end)):
            found.append(Wait(event, end))
    return found


def occupied(trace: Trace) -> dict[int, dict[int | None, int]]:
    """Return, for each step, how many connections of each engine are out once it has happened."""
    engine_of = {e.connection: e.engine for e in trace.of(kinds.CHECKED_OUT)}
    out: dict[int | None, set[int | None]] = {}
    counts = {}
    for event in trace:
        mine = out.setdefault(engine_of.get(event.connection, event.engine), set())
        if event.kind == kinds.CHECKED_OUT:
            mine.add(event.connection)
        elif event.kind in (kinds.CHECKED_IN, kinds.INVALIDATED):
            mine.discard(event.connection)
        counts[event.n] = {engine: len(connections) for engine, connections in out.items()}
    return counts


def _given_back(trace: Trace, wanted: Event, got: Event) -> bool:
    between = trace.after(wanted).until(got)
    return between.first(kinds.CHECKED_IN, kinds.INVALIDATED) is not None
