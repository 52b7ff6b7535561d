"""An interleaving: what several transactions sent, in the order in which they did, and what each step saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..recorder import trace as kinds
from ..recorder.trace import Event, Trace
from .columns import Step, columns, columns_markdown
from .event_text import asked, sent_by_driver
from .statement import filled

_SENT = {kinds.COMMIT_SENT: "COMMIT", kinds.ROLLBACK: "ROLLBACK"}
_WENT_WRONG = (kinds.ERROR, kinds.COMMIT_FAILED)


@dataclass(frozen=True)
class Interleaving:
    """Steps that show themselves in columns: as text, and as a table where Markdown is shown."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, trace: Trace) -> Interleaving:
        """Return what a trace tells of its transactions: a column for each request, or else for each session.

        A statement waits where others have sent something before it came back.
        """
        return cls(tuple(_in_order(list(sent(trace)), trace)))

    def __str__(self) -> str:
        return "\n".join(columns(self.steps))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/markdown": columns_markdown(self.steps), "text/plain": str(self)}


def sent(trace: Trace) -> Iterator[tuple[Event, Step]]:
    """Yield each event by which a statement, COMMIT or ROLLBACK was sent, or asked for, and the step that tells it."""
    names = _names(trace)
    for event in trace:
        if event.kind in (kinds.STATEMENT, kinds.DRIVER_SENT, *_SENT):
            failure = _failure(event, trace)
            yield event, Step(names[_whose(event)], _text(event), failure.text if failure else _saw(event))


def _in_order(steps: list[tuple[Event, Step]], trace: Trace) -> Iterator[Step]:
    later: list[tuple[int, Step]] = []
    for event, step in steps:
        yield from (goes_on for back, goes_on in later if back < event.n)
        later = [(back, goes_on) for back, goes_on in later if back >= event.n]
        back = _back(event, trace)
        if any(event.n < other.n <= back and whose.actor != step.actor for other, whose in steps):
            yield replace(step, saw="", blocked=True)
            later.append((back, Step(step.actor, "(goes on)", step.saw)))
        else:
            yield step
    yield from (goes_on for _, goes_on in later)


def _back(event: Event, trace: Trace) -> int:
    """Return the number of the last event before a statement came back, by its rows or by its error."""
    error = _failure(event, trace)
    return error.n if error else int(event.data.get("back", event.n))


def _whose(event: Event) -> tuple[str, int | None]:
    """Return the request that an event belongs to; outside of requests its session, or its connection."""
    families = ("request", "session", "connection")
    return next(
        ((name, number) for name in families if (number := getattr(event, name)) is not None), ("", None)
    )


def _names(trace: Trace) -> dict[tuple[str, int | None], str]:
    names = {_whose(event): " ".join(map(str, _whose(event))) for event in trace}
    begun = {_whose(event): event.text for event in trace.of(kinds.CALL_STARTED, kinds.REQUEST_STARTED)}
    told_twice = [text for text in begun.values() if list(begun.values()).count(text) > 1]
    return names | {
        who: f"{text} #{who[1]}" if text in told_twice else text for who, text in begun.items() if text
    }


def _text(event: Event) -> str:
    said = _SENT.get(event.kind) or filled(event.text, event.data.get("parameters", ""))
    if event.kind == kinds.DRIVER_SENT:
        said = sent_by_driver(event)
    return "\n".join(filter(None, (event.data.get("began"), asked(event) or said, event.data.get("then"))))


def _saw(event: Event) -> str:
    if "changed" in event.data:
        return changed(event.data["changed"])
    rows, fetched = event.data.get("rows"), event.data.get("fetched", 0)
    if rows is None:
        return ""
    told = "; ".join(", ".join(map(str, row)) for row in rows) or "no row"
    return told if fetched <= len(rows) else f"{told}; … ({fetched} rows)"


def changed(count: int) -> str:
    """Return how many rows a statement changed, in words."""
    return f"{count} row{'' if count == 1 else 's'} changed"


def _failure(event: Event, trace: Trace) -> Event | None:
    """Return the event that tells what went wrong with what this one sent: the next of its connection, if any."""
    following = next((other for other in trace.after(event) if other.connection == event.connection), None)
    return following if following is not None and following.kind in _WENT_WRONG else None
