"""A recording in progress: takes events from the listeners, numbers them, and keeps what they must not lose."""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any

from . import trace as kinds
from .exception_text import told
from .gate import Gate, holds_before
from .trace import Event, Trace, Where

_tokens = count(1)

# The request (or recorded call) that the running code belongs to. A context variable reaches anyio's worker
# threads and SQLAlchemy's greenlets.
current_request: ContextVar[int | None] = ContextVar("sessionlab_request", default=None)

active: list[Recording] = []

# Each is called with the trace of a recording whose block has ended.
ended: list[Callable[[Trace], None]] = []


def token() -> int:
    """Return a number that no other session, connection, engine or request of this process has."""
    return next(_tokens)


class Recording:
    """Collects events until it is stopped.

    Objects come in as tokens, unique in the process, and are numbered by first appearance. A connection
    that is checked out is held by a strong reference until its request ends, so that the garbage collector
    can't hide a leak.
    """

    def __init__(self) -> None:
        # The fields of each event: an Event is made of them when somebody looks, and some are known only later.
        self._events: list[dict[str, Any]] = []
        self._lock = threading.RLock()
        self._numbers: dict[str, dict[int, int]] = {
            "request": {},
            "session": {},
            "connection": {},
            "engine": {},
        }
        self._threads: dict[int | None, str] = {threading.main_thread().ident: "main"}
        self._began = time.perf_counter()
        self._session_of: dict[int, int] = {}
        self._unclaimed: dict[int, list[int]] = {}
        self._kept: dict[int, tuple[Any, int | None]] = {}
        self._dropped: dict[int, weakref.ref[Any]] = {}
        self.gates: list[Gate] = []

    @property
    def trace(self) -> Trace:
        """What has been recorded so far."""
        with self._lock:
            return Trace(tuple(Event(**fields) for fields in self._events))

    def emit(
        self,
        kind: str,
        *,
        request: int | None,
        session: int | None = None,
        connection: int | None = None,
        engine: int | None = None,
        text: str = "",
        where: Where | None = None,
        data: dict[str, Any] | None = None,
        gate: bool = True,
    ) -> int:
        """Record one event, given by tokens; pass the gates first or afterwards, as its kind asks.

        Returns the number that the event has in this recording.
        """
        if connection is not None and session is None:
            session = self._session_of.get(connection)
        fields: dict[str, Any] = {
            "n": 0,
            "kind": kind,
            "request": self._number("request", request),
            "session": self._number("session", session),
            "connection": self._number("connection", connection),
            "engine": self._number("engine", engine),
            "thread": self._thread(),
            "text": text,
            "where": where,
            "data": data or {},
        }
        if gate and self.gates and holds_before(kind):
            self._hold(Event(**fields))
        number = self._append(fields, session, connection)
        if gate and self.gates and not holds_before(kind):
            self._hold(Event(**fields))
        return number

    def gate_for(self, event: Event) -> Gate | None:
        """Return the gate that takes this event: the first that fits, so that of two gates each holds one."""
        return next((gate for gate in list(self.gates) if gate.takes(event)), None)

    def _hold(self, event: Event) -> None:
        gate = self.gate_for(event)
        if gate is not None:
            gate.wait()

    def _append(self, fields: dict[str, Any], session: int | None, connection: int | None) -> int:
        with self._lock:
            self._events.append(fields)
            number = fields["n"] = len(self._events)
            fields["at"] = time.perf_counter() - self._began
            if connection is not None and session is None:
                wanted = fields["data"].get("wanted")
                places = [number - 1] if wanted is None else [wanted - 1, number - 1]
                self._unclaimed.setdefault(connection, []).extend(places)
        return number

    @property
    def count(self) -> int:
        """How many events have been recorded so far."""
        return len(self._events)

    def data(self, n: int) -> dict[str, Any]:
        """Return what is known of an event that has been recorded."""
        data: dict[str, Any] = self._events[n - 1]["data"]
        return data

    def note(self, n: int, **data: Any) -> None:
        """Add to an event what came to be known of it later."""
        with self._lock:
            fields = self._events[n - 1]
            fields["data"] = {**fields["data"], **data}  # another dict: a trace may hold the one before

    def claim(self, connection: int, session: int) -> None:
        """Note that a connection works for a session, from its check-out on."""
        number = self._number("session", session)
        with self._lock:
            self._session_of[connection] = session
            for index in self._unclaimed.pop(connection, ()):
                self._events[index]["session"] = number

    def unclaim(self, session: int) -> None:
        """Note that a session has ended, though its connection may stay out: it was handed to the session."""
        for connection, owner in list(self._session_of.items()):
            if owner == session:
                del self._session_of[connection]

    def keep(self, connection: int, checked_out: Any, request: int | None) -> None:
        """Hold a checked-out connection until its request ends."""
        self._unclaimed.pop(connection, None)
        self._dropped.pop(connection, None)
        self._kept[connection] = (checked_out, request)

    def knows(self, connection: int) -> bool:
        """Say whether this connection has been seen in this recording."""
        return connection in self._numbers["connection"]

    def holder(self, connection: int) -> tuple[int | None, bool]:
        """Return the request that has checked a connection out, and whether only the garbage collector has it now."""
        _, request = self._kept.get(connection, (None, None))
        dropped = self._dropped.get(connection)
        return request, dropped is not None and dropped() is None

    def give_back(self, connection: int) -> tuple[int | None, int | None, bool]:
        """Forget a connection that is being checked in.

        Returns the request that checked it out, its session, and whether the garbage collector gave it back.
        """
        session = self._session_of.pop(connection, None)
        self._unclaimed.pop(connection, None)
        _, request = self._kept.pop(connection, (None, current_request.get()))
        dropped = self._dropped.pop(connection, None)
        # Whoever gives a connection back has it; the garbage collector comes when nobody has.
        return request, session, dropped is not None and dropped() is None

    def end_request(self, request: int | None) -> None:
        """Let go the connections that an ended request still holds: the garbage collector may have them now."""
        for connection, (checked_out, owner) in list(self._kept.items()):
            if owner == request and checked_out is not None:
                self._dropped[connection] = weakref.ref(checked_out)
                self._kept[connection] = (None, request)

    def request_number(self, request: int) -> int | None:
        """Return the number in this recording of a request's token."""
        return self._number("request", request)

    def engine_number(self, engine: int) -> int | None:
        """Return the number in this recording of an engine's token."""
        return self._number("engine", engine)

    def stop(self) -> None:
        """Open every gate and drop every reference."""
        for gate in self.gates:
            gate.release()
        self._kept.clear()

    def _number(self, family: str, key: int | None) -> int | None:
        if key is None:
            return None
        numbers = self._numbers[family]
        known = numbers.get(key)
        if known is not None:
            return known
        with self._lock:
            return numbers.setdefault(key, len(numbers) + 1)

    def _thread(self) -> str:
        if asyncio._get_running_loop() is not None:
            return "loop"
        ident = threading.get_ident()
        known = self._threads.get(ident)
        if known is not None:
            return known
        with self._lock:
            return self._threads.setdefault(ident, f"worker {len(self._threads)}")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return self.trace._repr_mimebundle_()


@contextmanager
def record() -> Iterator[Recording]:
    """Record what this process does with SQLAlchemy and ASGI inside the `with` block.

    Yields the recording; its `trace` is complete when the block has ended. Engines, sessions and apps may
    have been made before or inside the block, in any thread.
    """
    from .listeners import install
    from .unawaited import remembering_origins

    install()
    recording = Recording()
    active.append(recording)
    try:
        with remembering_origins():
            yield recording
    finally:
        active.remove(recording)
        recording.stop()
        for tell in list(ended):
            tell(recording.trace)


def emit(kind: str, *, request: int | None = None, **fields: Any) -> list[tuple[Recording, int]]:
    """Record an event in every active recording, for the running request unless another is named.

    Returns the recordings, each with the number that the event has in it.
    """
    owner = current_request.get() if request is None else request
    return [(recording, recording.emit(kind, request=owner, **fields)) for recording in list(active)]


@contextmanager
def unit(started: str, done: str, text: str, request: int | None = None) -> Iterator[int]:
    """Record what runs inside the block as one request (or one call): its beginning, its end, its error."""
    owner = request or token()
    reset = current_request.set(owner)
    error = ""
    try:
        emit(started, text=text)
        yield owner
    except BaseException as caught:
        error = told(caught)
        raise
    finally:
        emit(done, text=text, data={"error": error} if error else {})
        for recording in list(active):
            recording.end_request(owner)
        current_request.reset(reset)


CALL = (kinds.CALL_STARTED, kinds.CALL_DONE)
REQUEST = (kinds.REQUEST_STARTED, kinds.REQUEST_DONE)
