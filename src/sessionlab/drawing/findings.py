"""What somebody should look at in a trace: what was not given back, what came too late, who had to wait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..recorder import trace as kinds
from ..recorder.trace import Event, Trace
from .waits import waits


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact that somebody should look at.

    `what` names it, `line` says all of it, `events` are the steps where it happened, and `note` is what
    stands beside each of them, if that says more than the event itself.
    """

    what: str
    line: str
    events: tuple[Event, ...]
    note: str = ""


def findings(trace: Trace) -> list[Finding]:
    """Return what somebody should look at; alike findings, from the same line of the program, are one."""
    found = {
        "still out": (_still_out(trace), _checked_out, "still out"),
        "left to the garbage collector": (_collected(trace), _checked_out, "not given back"),
        "never closed": (_never_closed(trace), _opened, "never closed"),
        "COMMIT failed": (trace.of(kinds.COMMIT_FAILED), _failed, ""),
        "never awaited": (trace.of(kinds.NEVER_AWAITED), _lost, ""),
        "stops the event loop": (stopping_the_loop(trace), _stopped, "stops the event loop"),
        "COMMIT after the response started": (_late(trace), _sent, "after the response started"),
        "still waiting for a connection": (_waiting(trace, None), _wanted, "still waits"),
        "got no connection": (_waiting(trace, kinds.ERROR), _wanted, "gave up"),
        "waited for a connection": (_waiting(trace, kinds.CHECKED_OUT), _wanted, "waits"),
    }
    return [
        Finding(what, f"{what}: {', '.join(filter(None, tell(trace, group)))}", tuple(group), note)
        for what, (events, tell, note) in found.items()
        for group in _by_line(events)
    ]


def _by_line(events: Iterable[Event]) -> list[list[Event]]:
    groups: dict[object, list[Event]] = {}
    for event in events:
        groups.setdefault((event.where, event.text), []).append(event)
    return list(groups.values())


# --- where something is the matter


def _still_out(trace: Trace) -> list[Event]:
    return sorted(trace.out(), key=lambda event: event.n)


def _collected(trace: Trace) -> list[Event]:
    """Return the check-outs that nobody but the garbage collector ended."""
    ends = [event for event in trace.of(kinds.CHECKED_IN) if event.data.get("collected")]
    outs = (trace.until(end).last(kinds.CHECKED_OUT, connection=end.connection) for end in ends)
    return [out for out in outs if out is not None]


def _never_closed(trace: Trace) -> list[Event]:
    """Return what opened the sessions that are open although their request is over."""
    over = {event.request for event in trace.of(kinds.REQUEST_DONE, kinds.CALL_DONE)} | {None}
    return [event for event in trace.unclosed() if event.request in over]


def stopping_the_loop(trace: Trace) -> list[Event]:
    """Return the statements and COMMITs of requests for which the event loop had to stand still.

    At start-up, and in a notebook's cell, nobody else wants the loop.
    """
    requests = {event.request for event in trace.of(kinds.REQUEST_STARTED)}
    sent = trace.of(kinds.STATEMENT, kinds.COMMIT_SENT)
    return [event for event in sent if event.data.get("blocking") and event.request in requests]


def _late(trace: Trace) -> list[Event]:
    """Return the COMMITs after the response of what began before it: a background task's own are in time."""
    answered: set[int | None] = set()
    early: set[tuple[int | None, int | None]] = set()
    late = []
    for event in trace:
        if event.kind == kinds.RESPONSE_STARTED:
            answered.add(event.request)
        if event.request not in answered:
            early.add((event.request, _worker(event)))
        elif event.kind == kinds.COMMIT_SENT and (event.request, _worker(event)) in early:
            late.append(event)
    return late


def _worker(event: Event) -> int | None:
    """Return what tells one piece of work from another: its session, or without one its connection."""
    return event.session if event.session is not None else -(event.connection or 0)


def _waiting(trace: Trace, ended_by: str | None) -> list[Event]:
    return [w.wanted for w in waits(trace) if (w.ended.kind if w.ended else None) == ended_by]


# --- what is told of it


def _checked_out(trace: Trace, them: list[Event]) -> list[str]:
    connections = named(trace, "connection", them) or "a connection"
    return [connections, _at("checked out at", them), named(trace, "request", them)]


def _opened(trace: Trace, them: list[Event]) -> list[str]:
    return [named(trace, "session", them), _at("opened at", them), named(trace, "request", them)]


def _failed(trace: Trace, them: list[Event]) -> list[str]:
    return [them[0].text, named(trace, "request", them)]


def _lost(trace: Trace, them: list[Event]) -> list[str]:
    return [them[0].text, _at("made at", them), named(trace, "request", them)]


def _stopped(trace: Trace, them: list[Event]) -> list[str]:
    return [_at("at", them), named(trace, "request", them)]


def _sent(trace: Trace, them: list[Event]) -> list[str]:
    return [_step("step", them), _at("at", them), named(trace, "request", them)]


def _wanted(trace: Trace, them: list[Event]) -> list[str]:
    return [named(trace, "request", them) or "the program", _at("at", them), _step("since step", them)]


def _at(before: str, them: list[Event]) -> str:
    return f"{before} {them[0].where}" if them[0].where else ""


def _step(before: str, them: list[Event]) -> str:
    return f"{before} {them[0].n}" if len(them) == 1 else ""


def named(trace: Trace, family: str, events: Iterable[Event]) -> str:
    """Return which requests (or calls), sessions or connections these are: "sessions 1–3, 7"; "" if none."""
    numbers = sorted({n for event in events if (n := getattr(event, family)) is not None})
    if family == "request" and numbers and all(trace.first(kinds.CALL_STARTED, request=n) for n in numbers):
        family = "call"
    return f"{family}{'s' if len(numbers) > 1 else ''} {ranges(numbers)}" if numbers else ""


def ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
