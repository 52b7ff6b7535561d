"""What the rows of a picture say, in the words of SQLAlchemy and ASGI."""

from __future__ import annotations

import re

from ..recorder import trace as kinds
from ..recorder.trace import Event
from .rows import Row

_PHRASES = {
    kinds.REQUEST_STARTED: "{text}",
    kinds.CALL_STARTED: "{text}",
    kinds.CALLED: "calls {text}",
    kinds.CALL_RETURNED: "{text} returned",
    kinds.FLUSH: "flush {text}",
    kinds.STATEMENT: "{text}",
    kinds.ERROR: "error: {text}",
    kinds.COMMIT_FAILED: "COMMIT failed: {text}",
    kinds.INVALIDATED: "invalidated: {text}",
    kinds.BACKGROUND: "background task {text}",
    kinds.BACKGROUND_DONE: "background task {text} done",
    kinds.RESPONSE_STARTED: "response {status} started",
    kinds.SAVEPOINT: "SAVEPOINT {text}",
    kinds.RELEASE: "RELEASE SAVEPOINT {text}",
    kinds.ROLLBACK_TO: "ROLLBACK TO SAVEPOINT {text}",
    kinds.ENGINE_MADE: "engine made {text}",
}
# In a row of several events, these go without saying.
_UNSAID = (
    kinds.CONNECTION_WANTED, kinds.COMMIT_SENT, kinds.CALL_RETURNED, kinds.BACKGROUND_DONE, kinds.BODY,
    kinds.RESPONSE_DONE,
)  # fmt: skip
_TOGETHER = {
    (kinds.COMMIT_SENT, kinds.COMMIT_DONE): "COMMIT",
    (kinds.COMMIT_SENT, kinds.COMMIT_FAILED): "COMMIT failed: {text}",
}


def says(row: Row) -> str:
    """Return what a row says, on one line of any length."""
    if row.left_out:
        return row.left_out
    if row.kinds in _TOGETHER:
        return _filled(_TOGETHER[row.kinds], row.events[-1])
    if len(row.events) == 1:
        return _alone(row.events[0])
    return ", ".join(_alone(event, last=False) for event in row.events if event.kind not in _UNSAID)


def one_line(text: str) -> str:
    """Return a text on one line, without control characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))


def shortened(text: str, room: int, more: str = "…") -> str:
    """Return a statement or another text in at most `room` characters.

    What is left out of a SELECT is first its list of columns, and of an INSERT its list of values: the table
    and the condition say more.
    """
    for pattern, instead in _LESS_TELLING:
        if len(text) <= room:
            return text
        text = pattern.sub(instead.replace("…", more), text, count=1)
    return text if len(text) <= room else text[: max(0, room - len(more))].rstrip() + more[:room]


_LESS_TELLING = (
    (re.compile(r"(?i)^(SELECT (?:DISTINCT )?)(?!\().{9,}?(?= FROM )"), r"\1…"),
    (re.compile(r"(?i)(?<=VALUES )\(.{9,}\)(?= RETURNING|$)"), "(…)"),
    (re.compile(r"(?i)(?<= RETURNING ).{9,}$"), "…"),
)


def _alone(event: Event, last: bool = True) -> str:
    phrase = _PHRASES.get(event.kind, event.kind)
    if event.kind == kinds.RESPONSE_STARTED and not last:
        phrase = "response {status}"
    said = _filled(phrase, event)
    error = event.data.get("error")
    return f"{said}: {one_line(str(error))}" if error else said


def _filled(phrase: str, event: Event) -> str:
    text = one_line(event.text)
    status = event.data.get("status", text)
    said = " ".join(phrase.replace("{status}", str(status)).replace("{text}", text).split())
    return said.rstrip(":") if not text else said or event.kind
