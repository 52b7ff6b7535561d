"""What the rows of a picture say, in the words of SQLAlchemy and ASGI."""

from __future__ import annotations

import re

from ..recorder import trace as kinds
from ..recorder.trace import Event
from .as_sent import was_sent
from .rows import Row

_BY_DRIVER = ", by the driver"
_PHRASES = {
    kinds.REQUEST_STARTED: "{text}",
    kinds.CALL_STARTED: "{text}",
    kinds.CALLED: "calls {text}",
    kinds.CALL_RETURNED: "{text} returned",
    kinds.FLUSH: "flush: {text}",
    kinds.BEGIN: "{text}",
    kinds.STATEMENT: "{text}",
    kinds.DRIVER_SENT: "{text}" + _BY_DRIVER,
    kinds.ERROR: "{text}",
    kinds.COMMIT_FAILED: "COMMIT failed: {text}",
    kinds.INVALIDATED: "invalidated: {text}",
    kinds.BACKGROUND: "background task {text}",
    kinds.BACKGROUND_DONE: "background task {text} done",
    kinds.RESPONSE_STARTED: "response {status} started",
    kinds.SAVEPOINT: "SAVEPOINT {text}",
    kinds.RELEASE: "RELEASE SAVEPOINT {text}",
    kinds.ROLLBACK_TO: "ROLLBACK TO SAVEPOINT {text}",
    kinds.ENGINE_MADE: "engine made {text}",
    kinds.NEVER_AWAITED: "{text} never awaited",
}
_BACKGROUND_READING = re.compile(r"\(Background on this error at: \S+\)")
# In a row of several events, these go without saying.
_UNSAID = (
    kinds.CONNECTION_WANTED, kinds.COMMIT_SENT, kinds.CALL_RETURNED, kinds.BACKGROUND_DONE, kinds.BODY,
    kinds.RESPONSE_DONE,
)  # fmt: skip
_RAISED = {
    kinds.REQUEST_DONE: "request raised",
    kinds.CALL_DONE: "call raised",
    kinds.CALL_RETURNED: "which raised",
    kinds.BACKGROUND_DONE: "background task raised",
}
# What SQLAlchemy asked for and its driver did not send.
_NOT_SENT = {
    kinds.BEGIN: "begun, not sent",
    kinds.COMMIT_SENT: "COMMIT: nothing to end",
    kinds.ROLLBACK: "ROLLBACK: nothing to end",
}
_SENT_EARLIER = "begun, BEGIN sent earlier"
_TOGETHER = {
    (kinds.COMMIT_SENT, kinds.COMMIT_DONE): "COMMIT",
    (kinds.COMMIT_SENT, kinds.COMMIT_FAILED): "COMMIT failed: {text}",
}


def says(row: Row) -> str:
    """Return what a row says, on one line of any length."""
    if row.left_out:
        return row.left_out
    if row.kinds in _TOGETHER:
        return asked(row.events[0]) or _filled(_TOGETHER[row.kinds] + _then(row.events[0]), row.events[-1])
    if len(row.events) == 1:
        return _alone(row.events[0])
    return ", ".join(_alone(event, last=False) for event in row.events if _is_said(event))


def asked(event: Event) -> str:
    """Return what SQLAlchemy asked for by a BEGIN, COMMIT or ROLLBACK that its driver did not send then, or ""."""
    if was_sent(event):
        return ""
    return _SENT_EARLIER if event.data["sent"] == "earlier" else _NOT_SENT.get(event.kind, "")


def sent_by_driver(event: Event) -> str:
    """Return what a driver sent without SQLAlchemy's knowledge, and that it did."""
    return _alone(event)


def _then(event: Event) -> str:
    """Return what a driver sent after a COMMIT or ROLLBACK without being asked."""
    return f", {event.data['then']}" if "then" in event.data else ""


def _is_said(event: Event) -> bool:
    return event.kind not in _UNSAID or bool(event.data.get("error"))


def one_line(text: str) -> str:
    """Return a text on one line, without control characters and SQLAlchemy's link to its error page."""
    line = " ".join(_BACKGROUND_READING.sub("", text).split())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def _alone(event: Event, last: bool = True) -> str:
    phrase = asked(event) or _PHRASES.get(event.kind, event.kind) + _then(event)
    if event.kind == kinds.RESPONSE_STARTED and not last:
        phrase = "response {status}"
    if event.data.get("collected"):
        phrase = phrase.removesuffix(_BY_DRIVER) + " by the garbage collector"
    error = event.data.get("error")
    return f"{_RAISED.get(event.kind, phrase)} {one_line(str(error))}" if error else _filled(phrase, event)


def _filled(phrase: str, event: Event) -> str:
    text = one_line(event.text)
    status = event.data.get("status", text)
    said = " ".join(phrase.replace("{status}", str(status)).replace("{text}", text).split())
    return said if text else said.rstrip(":") or event.kind
