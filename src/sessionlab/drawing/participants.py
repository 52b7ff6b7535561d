"""The participants of a sequence diagram: who stands in it, in which order, under which name.

Requests that don't overlap share a participant, as their sessions do: a diagram is as wide as what goes on
at one time.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..recorder import trace as kinds
from ..recorder.trace import Trace
from .escape import for_mermaid
from .findings import ranges
from .rows import Row
from .spans import Span, in_lanes, spans
from .statement import shortened

_ORDER = ("client", "caller", "program", "app", "session", "pool", "connection", "database")
_LABEL = 18


class Participants:
    """The participants that rows need; each is declared once, as soon as somebody asks for it."""

    def __init__(self, trace: Trace, rows: Iterable[Row]) -> None:
        shown = [row for row in rows if not row.left_out]
        self.functions = {e.request: e.text.split("(")[0] for e in trace.of(kinds.CALL_STARTED)}
        self._of = {family: _lanes(trace, shown, family) for family in ("request", "session")}
        self._labels: dict[str, str] = {}

    def declared(self) -> list[str]:
        """Return the declarations, from the client to the database."""
        return [f"participant {name} as {self._labels[name]}" for name in self.names()]

    def names(self) -> list[str]:
        """Return the names of those who were asked for, from the client to the database."""
        return sorted(self._labels, key=_place)

    def outside(self, row: Row) -> str:
        """Return who sent the request, or who called."""
        is_call = row.number("request") in self.functions
        return self._participant("caller", "Caller") if is_call else self._participant("client", "Client")

    def app(self, row: Row) -> str:
        """Return the app at this request, the function that was called, or the program at large."""
        request = row.number("request")
        if request is None:
            return self._participant("program", "Program")
        lane, numbers = _lane_of(self._of["request"], request)
        if request not in self.functions:
            return self._participant(f"app{lane}", f"App<br/>{_named('request', numbers)}")
        called = list(dict.fromkeys(self.functions.get(number, "") for number in numbers))
        label = f"{for_mermaid(shortened(called[0], _LABEL))}()" if len(called) == 1 else "Function"
        return self._participant(f"app{lane}", label)

    def session(self, row: Row) -> str:
        """Return the session at work, or who works without one."""
        session = row.number("session")
        if session is None:
            return self.app(row)
        lane, numbers = _lane_of(self._of["session"], session)
        return self._participant(f"session{lane}", _named("Session", numbers))

    def connection(self, row: Row) -> str:
        """Return the connection at work, or who works without one."""
        number = row.number("connection")
        if number is None:
            return self.session(row)
        return self._participant(f"connection{number}", f"Connection {number}")

    def pool(self) -> str:
        """Return the pool, for who waits for a connection."""
        return self._participant("pool", "Pool")

    def database(self) -> str:
        """Return the database."""
        return self._participant("database", "Database")

    def shared(self, family: str, number: int | None) -> bool:
        """Say whether the participant of a request or a session stands for others, too."""
        lanes = {span.number: span.lane for span in self._of[family]}
        return number in lanes and list(lanes.values()).count(lanes[number]) > 1

    def standing(self, family: str, number: int | None) -> str:
        """Return the participant of a session or a connection, or "" if the diagram has none."""
        spans = self._of.get(family, ())
        lane = next((span.lane + 1 for span in spans if span.number == number), number)
        return name if (name := f"{family}{lane}") in self._labels else ""

    def _participant(self, name: str, label: str) -> str:
        self._labels.setdefault(name, label)
        return name


def _lanes(trace: Trace, shown: list[Row], family: str) -> list[Span]:
    """Return a span for each request, and one for each session from its first use to its last close."""
    numbers = {n for row in shown if (n := row.number(family)) is not None}
    whole: dict[int, Span] = {}
    for span in spans(trace, family):
        first = whole.setdefault(span.number, span)
        if family == "session":
            first.end = span.end
    return in_lanes(whole.values(), numbers)


def _lane_of(lanes: list[Span], number: int) -> tuple[int, list[int]]:
    lane = next(span.lane for span in lanes if span.number == number)
    return lane + 1, [span.number for span in lanes if span.lane == lane]


def _named(what: str, numbers: list[int]) -> str:
    return f"{what}{'s' if len(numbers) > 1 else ''} {ranges(sorted(numbers))}"


def _place(name: str) -> tuple[int, int]:
    family = name.rstrip("0123456789")
    return _ORDER.index(family), int(name[len(family) :] or 0)
