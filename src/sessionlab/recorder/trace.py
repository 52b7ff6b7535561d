"""A trace: what a program did with its sessions, connections and responses, in order.

A trace is plain data. It compares, prints, goes to JSON and back, and needs nothing of what made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

# The kinds of event, in the words of SQLAlchemy and ASGI.
REQUEST_STARTED = "request started"
REQUEST_DONE = "request done"
CALL_STARTED = "call started"
CALL_DONE = "call done"
CALLED = "called"
CALL_RETURNED = "call returned"
SESSION_OPENED = "session opened"
SESSION_RESET = "session reset"
SESSION_CLOSED = "session closed"
CONNECTION_WANTED = "connection wanted"
CONNECTED = "connected"
CHECKED_OUT = "checked out"
CHECKED_IN = "checked in"
INVALIDATED = "invalidated"
BEGIN = "BEGIN"
STATEMENT = "statement"
ERROR = "error"
FLUSH = "flush"
SAVEPOINT = "SAVEPOINT"
RELEASE = "RELEASE SAVEPOINT"
ROLLBACK_TO = "ROLLBACK TO SAVEPOINT"
COMMIT_SENT = "COMMIT sent"
COMMIT_DONE = "COMMIT done"
COMMIT_FAILED = "COMMIT failed"
ROLLBACK = "ROLLBACK"
DRIVER_SENT = "driver sent"
RESPONSE_STARTED = "response started"
BODY = "body"
RESPONSE_DONE = "response done"
BACKGROUND = "background task"
BACKGROUND_DONE = "background task done"
ENGINE_MADE = "engine made"
ENGINE_DISPOSED = "engine disposed"
NEVER_AWAITED = "never awaited"

KINDS = (
    REQUEST_STARTED, REQUEST_DONE, CALL_STARTED, CALL_DONE, CALLED, CALL_RETURNED,
    SESSION_OPENED, SESSION_RESET, SESSION_CLOSED, CONNECTION_WANTED, CONNECTED, CHECKED_OUT, CHECKED_IN,
    INVALIDATED, BEGIN, STATEMENT, ERROR, FLUSH, SAVEPOINT, RELEASE, ROLLBACK_TO, COMMIT_SENT, COMMIT_DONE,
    COMMIT_FAILED, ROLLBACK, DRIVER_SENT, RESPONSE_STARTED, BODY, RESPONSE_DONE, BACKGROUND, BACKGROUND_DONE,
    ENGINE_MADE, ENGINE_DISPOSED, NEVER_AWAITED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Where:
    """The line of the recorded program that an event came from."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    `request`, `session`, `connection` and `engine` are numbers by first appearance, counted from 1; None
    where the event belongs to none. A call of a plain function counts as a request. `thread` is "main",
    "loop" (the thread of a running event loop) or "worker N". `at` is in seconds since the recording began.
    `text` is the statement, the path, the message; `data` holds what else is known of this kind of event.

    BEGIN, COMMIT and ROLLBACK are what SQLAlchemy asks its driver for. `data["sent"]` is False where the driver sent
    nothing, and "earlier" where a transaction was open already; a statement has as `data["began"]` the BEGIN that the
    driver sent before it, and a COMMIT or ROLLBACK as `data["then"]` the one that it sent after it. What it sent
    without SQLAlchemy's knowledge is an event "driver sent".
    """

    n: int
    kind: str
    request: int | None = None
    session: int | None = None
    connection: int | None = None
    engine: int | None = None
    thread: str = "main"
    at: float = 0.0
    text: str = ""
    where: Where | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where it came from, in words: "at bank.py:12 in transfer", or that no line of the program did it.

        FastAPI does so where it reads an expired attribute of what an endpoint has returned.
        """
        return f"at {self.where}" if self.where else "by a library, after your code"

    def __str__(self) -> str:
        ids = [
            f"{name} {number}"
            for name, number in (
                ("request", self.request),
                ("session", self.session),
                ("connection", self.connection),
            )
            if number is not None
        ]
        kind = f"{self.kind.split()[0]}, not sent" if self.data.get("sent") is False else self.kind
        return " · ".join([f"{self.n:>3} {kind}", *ids, *([self.text] if self.text else [])])


@dataclass(frozen=True, slots=True)
class Trace:
    """An ordered list of events, with the questions that one asks of it."""

    events: tuple[Event, ...] = ()

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    def __getitem__(self, index: int) -> Event:
        return self.events[index]

    def __str__(self) -> str:
        return "\n".join(map(str, self.events))

    def of(self, *kinds: str, **fields: Any) -> list[Event]:
        """Return the events of these kinds (of any, if none is named) whose fields equal the given ones."""
        _known(kinds)
        return [
            event
            for event in self.events
            if (not kinds or event.kind in kinds)
            and all(getattr(event, name) == value for name, value in fields.items())
        ]

    def first(self, *kinds: str, **fields: Any) -> Event | None:
        """Return the first event that `of` would return, or None."""
        return next(iter(self.of(*kinds, **fields)), None)

    def last(self, *kinds: str, **fields: Any) -> Event | None:
        """Return the last event that `of` would return, or None."""
        return next(reversed(self.of(*kinds, **fields)), None)

    def until(self, event: Event) -> Trace:
        """Return the trace of what happened before this event."""
        return Trace(tuple(other for other in self.events if other.n < event.n))

    def after(self, event: Event) -> Trace:
        """Return the trace of what happened after this event."""
        return Trace(tuple(other for other in self.events if other.n > event.n))

    def request(self, number: int | None) -> Trace:
        """Return the trace of one request (or of one recorded call)."""
        return Trace(tuple(self.of(request=number)))

    @property
    def requests(self) -> list[int]:
        """The numbers of the requests, in order of first appearance."""
        return list(dict.fromkeys(e.request for e in self.events if e.request is not None))

    @property
    def sessions(self) -> list[int]:
        """The numbers of the sessions, in order of first appearance."""
        return list(dict.fromkeys(e.session for e in self.events if e.session is not None))

    def out(self) -> list[Event]:
        """Return the check-outs of the connections that are still out at the end of this trace."""
        out: dict[int | None, Event] = {}
        for event in self.events:
            if event.kind == CHECKED_OUT:
                out[event.connection] = event
            elif event.kind in (CHECKED_IN, INVALIDATED):
                out.pop(event.connection, None)
        return list(out.values())

    def waiting(self) -> list[Event]:
        """Return the events of those who want a connection and have not got it at the end of this trace."""
        waiting: dict[int, Event] = {}
        for event in self.events:
            if event.kind == CONNECTION_WANTED:
                waiting[event.n] = event
            elif "wanted" in event.data:
                waiting.pop(event.data["wanted"], None)
        return list(waiting.values())

    def unclosed(self) -> list[Event]:
        """Return, for each session that is not closed at the end of this trace, the event that opened it.

        A session that is used again after its close is open again: closed means that close (or reset) is
        its last event (https://docs.sqlalchemy.org/en/21/orm/session_basics.html#closing).
        """
        last: dict[int, Event] = {}
        opened: dict[int, Event] = {}
        for event in self.events:
            if event.session is not None:
                last[event.session] = event
                opened.setdefault(event.session, event)
        return [
            opened[session]
            for session, event in last.items()
            if event.kind not in (SESSION_CLOSED, SESSION_RESET)
        ]

    def published(self) -> Trace:
        """Return this trace without what differs from run to run.

        That is wall time, which worker thread ran it, where the databases lie, and when the garbage collector came
        for a connection: in a published trace nobody gives such a one back.
        """
        return Trace(
            tuple(
                replace(
                    event,
                    at=0.0,
                    thread=event.thread.split(" ")[0],
                    text=_without_place(event),
                    data=_stable(event.data),
                )
                for event in self.events
                if not event.data.get("collected")
            )
        )

    def renumbered(self) -> Trace:
        """Return this trace as if nothing had been before it: steps, requests, sessions and so on count from 1."""
        steps = {event.n: number for number, event in enumerate(self.events, start=1)}
        ids: dict[tuple[str, int], int] = {}
        return Trace(tuple(_renumbered(event, steps, ids) for event in self.events))

    def to_json(self) -> list[dict[str, Any]]:
        """Return this trace as JSON-ready data."""
        return [_plain(event) for event in self.events]

    @classmethod
    def from_json(cls, data: Iterable[dict[str, Any]]) -> Trace:
        """Return the trace that `to_json` wrote.

        Raises:
            TypeError: the data has a field that an event does not have.
        """
        return cls(tuple(_event(item) for item in data))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the trace as Jupyter shows it: a diagram, or in its place lanes of text."""
        from ..drawing import lanes, mermaid

        return {"text/vnd.mermaid": mermaid(self), "text/plain": "\n".join(lanes(self))}


_FIELDS = tuple(field.name for field in fields(Event))


def _plain(event: Event) -> dict[str, Any]:
    """Do what `asdict` does, without its deep copies: a trace is sent, and sent again, while a check runs."""
    item = {name: getattr(event, name) for name in _FIELDS}
    if event.where is not None:
        item["where"] = {"file": event.where.file, "line": event.where.line, "function": event.where.function}
    return item


def _event(item: dict[str, Any]) -> Event:
    where = item.get("where")
    return Event(**{**item, "where": Where(**where) if where else None})


# What differs from run to run, or may: wall time, an address, values.
_VARYING = ("seconds", "parameters", "rows", "back", "address")


def _stable(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in _VARYING}


def _without_place(event: Event) -> str:
    """Return the event's text; of the address of an engine that was made only its beginning, as in "sqlite"."""
    return event.text.partition(":")[0] if event.kind == ENGINE_MADE else event.text


def _renumbered(event: Event, steps: dict[int, int], ids: dict[tuple[str, int], int]) -> Event:
    def own(family: str) -> int | None:
        number = getattr(event, family)
        if number is None:
            return None
        count = sum(known == family for known, _ in ids)
        return ids.setdefault((family, number), count + 1)

    data = {key: steps.get(value) if key == "wanted" else value for key, value in event.data.items()}
    return replace(
        event,
        n=steps[event.n],
        data=data,
        request=own("request"),
        session=own("session"),
        connection=own("connection"),
        engine=own("engine"),
    )


def _known(kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is not a kind of event; known are {', '.join(KINDS)}")
