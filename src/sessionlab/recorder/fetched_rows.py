"""What a statement brought back: the rows as they are fetched, or how many it changed.

Rows are seen where `CursorResult` takes them from the driver: ORM and Core fetch through the same methods.
"""

from __future__ import annotations

import functools
import reprlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import CursorResult

from .recording import Recording

_MOST = 3  # rows that a trace keeps of a statement; it counts them all
_LONGEST = 60  # characters of one value
_NOTED = "_sessionlab_noted"
Noted = list[tuple[Recording, int]]


def install() -> list[tuple[Any, str, Any]]:
    """Start to note what comes back; return the wraps, each as its owner, its name and itself."""
    event.listen(Engine, "after_cursor_execute", _back)
    wraps = {
        "_fetchone_impl": _one,
        "_fetchall_impl": _many,
        "_fetchmany_impl": _many,
        "_fetchiter_impl": _iterated,
    }
    return [_wrap_rewind(), *(_wrap(name, around) for name, around in wraps.items())]


def note_for(context: Any, events: Noted) -> None:
    """Say which events tell of the statement that is about to run in this execution context."""
    if context is not None:
        setattr(context, _NOTED, events)


def noted(context: Any) -> Noted:
    """Return the events that tell of the statement of this execution context."""
    events: Noted = getattr(context, _NOTED, [])
    return events


def _wrap(name: str, around: Any) -> tuple[Any, str, Any]:
    original = getattr(CursorResult, name)

    @functools.wraps(original)
    def wrapped(self: CursorResult[Any], *args: Any, **kwargs: Any) -> Any:
        fetched = original(self, *args, **kwargs)
        events = getattr(self.context, _NOTED, ())
        return around(events, fetched) if events else fetched

    setattr(CursorResult, name, wrapped)
    return CursorResult, name, wrapped


def _wrap_rewind() -> tuple[Any, str, Any]:
    """Where SQLAlchemy reads the rows of a RETURNING first and hands them out again, they are seen already."""
    original = CursorResult._rewind

    @functools.wraps(original)
    def wrapped(self: CursorResult[Any], rows: Any) -> Any:
        note_for(self.context, [])
        return original(self, rows)

    setattr(CursorResult, original.__name__, wrapped)
    return CursorResult, original.__name__, wrapped


def _one(events: Noted, row: Any) -> Any:
    _note(events, [] if row is None else [row])
    return row


def _many(events: Noted, rows: Any) -> Any:
    _note(events, rows)
    return rows


def _iterated(events: Noted, rows: Iterator[Any]) -> Iterator[Any]:
    first: list[Any] = []
    count = 0
    try:
        for row in rows:
            first += [row] if count < _MOST else []
            count += 1
            yield row
    finally:
        _note(events, first, count)


def _note(events: Noted, rows: Any, count: int | None = None) -> None:
    for recording, n in events:
        data = recording.data(n)
        # A buffered result hands over a deque, which has no slices.
        first = ([_plain(value) for value in row] for row in islice(rows, _MOST))
        kept = [*data.get("rows", ()), *first]
        fetched = data.get("fetched", 0) + (len(rows) if count is None else count)
        recording.note(n, rows=kept[:_MOST], fetched=fetched)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; of what JSON does not have, and of long texts, a short repr."""
    return value if isinstance(value, (type(None), bool, int, float)) else _text(value)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else reprlib.repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _back(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    """Note how many events there were when a statement came back: those since its own happened meanwhile."""
    counts = cursor.description is None and getattr(cursor, "rowcount", -1) >= 0
    for recording, n in getattr(context, _NOTED, ()):
        recording.note(n, back=recording.count, **({"changed": cursor.rowcount} if counts else {}))
