"""What one can predict of an experiment: questions that the recorded trace answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..drawing.findings import stopping_the_loop
from ..drawing.waits import occupied
from ..recorder import trace as kinds
from ..recorder.trace import Event, Trace

Events = list[Event]

_BEFORE, _AFTER, _NEVER, _BOTH = "before the response", "after the response", "never", "both"
_THREADS = ("loop", "worker", "main")


@dataclass(frozen=True)
class Question:
    """One question: in words, the steps of the trace that show the answer, and the answer made of them.

    `wanted` says what a prediction has to be, and `takes` whether a value is such a one.
    """

    asks: str
    events: Callable[[Trace], Events]
    answer: Callable[[Events], Any] = len
    wanted: str = "a count: 0 or a larger whole number"
    takes: Callable[[Any], bool] = lambda value: type(value) is int and value >= 0


def _kind(*wanted: str) -> Callable[[Trace], Events]:
    return lambda trace: trace.of(*wanted)


def _peak(trace: Trace) -> Events:
    """Return the check-outs of the connections that were out when most were, for the first time."""
    out = {n: sum(connections.values()) for n, connections in occupied(trace).items()}
    fullest = max(out, key=lambda n: (out[n], -n), default=0)
    return Trace(tuple(event for event in trace if event.n <= fullest)).out()


def _collected(trace: Trace) -> Events:
    return [event for event in trace.of(kinds.CHECKED_IN) if event.data.get("collected")]


def _errors(trace: Trace) -> Events:
    return [event for event in trace.of(kinds.REQUEST_DONE, kinds.CALL_DONE) if event.data.get("error")]


def _raised(events: Events) -> str | None:
    names = dict.fromkeys(str(event.data["error"]).split(":")[0] for event in events)
    return ", ".join(names) or None


def _statuses(events: Events) -> Any:
    statuses = [event.data["status"] for event in events]
    return statuses[0] if len(statuses) == 1 else statuses


def _is_status(value: Any) -> bool:
    statuses = value if isinstance(value, list) else [value]
    return all(type(status) is int and 100 <= status <= 599 for status in statuses)


def _last_fetched(trace: Trace) -> Events:
    return [event for event in trace.of(kinds.STATEMENT) if event.data.get("rows")][-1:]


def _first_row(events: Events) -> Any:
    """Return the first row that a statement brought back: its value, or a list of them."""
    row = events[0].data["rows"][0] if events else None
    return row[0] if row and len(row) == 1 else row


def _thread(events: Events) -> str:
    return " and ".join(sorted({event.thread.split(" ")[0] for event in events})) or _NEVER


def _same_thread(events: Events) -> bool:
    threads = {(event.session, event.thread) for event in events}
    return len(threads) == len({session for session, _ in threads})


def _closed(events: Events) -> str:
    """Say on which side of its response's start each session was closed."""
    started = {event.request: event.n for event in events if event.kind == kinds.RESPONSE_STARTED}
    closed = [event for event in events if event.kind == kinds.SESSION_CLOSED]
    sides = {_AFTER if event.n > started.get(event.request, event.n) else _BEFORE for event in closed}
    return _NEVER if not sides else _BOTH if len(sides) > 1 else sides.pop()


def _choice(*values: Any) -> dict[str, Any]:
    """Return the two fields of a question that is answered by one of these values."""
    wanted = f"one of {', '.join(map(repr, values))}"
    return {"wanted": wanted, "takes": lambda value: value in values}


QUESTIONS = {
    "connections_out": Question("connections still out at the end", Trace.out),
    "peak_connections": Question("most connections out at once", _peak),
    "checkouts": Question("check-outs from the pool", _kind(kinds.CHECKED_OUT)),
    "connections_made": Question("connections newly made", _kind(kinds.CONNECTED)),
    "collected": Question("check-ins by the garbage collector", _collected),
    "sessions_opened": Question("sessions opened", _kind(kinds.SESSION_OPENED)),
    "sessions_left_open": Question("sessions left open at the end", Trace.unclosed),
    "begins": Question("transactions begun", _kind(kinds.BEGIN)),
    "statements": Question("statements sent", _kind(kinds.STATEMENT)),
    "last_read": Question(
        "what was read last",
        _last_fetched,
        _first_row,
        "a value such as 70, or a list of a row's values",
        lambda value: value is None or isinstance(value, (int, float, str, list)),
    ),
    "flushes": Question("flushes", _kind(kinds.FLUSH)),
    "savepoints": Question("savepoints", _kind(kinds.SAVEPOINT)),
    "commits": Question("COMMITs that succeeded", _kind(kinds.COMMIT_DONE)),
    "failed_commits": Question("COMMITs that failed", _kind(kinds.COMMIT_FAILED)),
    "rollbacks": Question("ROLLBACKs", _kind(kinds.ROLLBACK)),
    "loop_stopped": Question("statements that stopped the event loop", stopping_the_loop),
    "never_awaited": Question("coroutines that nobody awaited", _kind(kinds.NEVER_AWAITED)),
    "errors": Question("errors of a statement or a check-out", _kind(kinds.ERROR)),
    "requests": Question("requests", _kind(kinds.REQUEST_STARTED)),
    "status": Question(
        "response status",
        _kind(kinds.RESPONSE_STARTED),
        _statuses,
        "a status such as 404, or a list such as [201, 404] for several requests",
        _is_status,
    ),
    "raised": Question(
        "exception that left the app",
        _errors,
        _raised,
        "the name of an exception, such as 'ValueError', or None",
        lambda value: value is None or isinstance(value, str),
    ),
    "closed": Question(
        "session closed",
        _kind(kinds.SESSION_CLOSED, kinds.RESPONSE_STARTED),
        _closed,
        **_choice(_BEFORE, _AFTER, _NEVER),
    ),
    "opened_in": Question(
        "thread that opened the session", _kind(kinds.SESSION_OPENED), _thread, **_choice(*_THREADS)
    ),
    "closed_in": Question(
        "thread that closed the session", _kind(kinds.SESSION_CLOSED), _thread, **_choice(*_THREADS)
    ),
    "same_thread": Question(
        "one thread opened and closed it",
        _kind(kinds.SESSION_OPENED, kinds.SESSION_CLOSED),
        _same_thread,
        **_choice(True, False),
    ),
}
