"""What somebody should look at in a trace: what was not given back, what came too late, who had to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    """Return what somebody should look at, what was lost first; alike findings are one."""
    return [
        *_grouped("still out", _still_out(trace), lambda them: _checked_out(trace, them)),
        *_grouped("left to the garbage collector", _collected(trace), lambda them: _checked_out(trace, them)),
        *_grouped("never closed", trace.unclosed(), lambda them: _opened(trace, them)),
        *_grouped("COMMIT failed", trace.of(kinds.COMMIT_FAILED), lambda them: _commits(trace, them)),
        *_grouped("COMMIT after the response started", _late(trace), lambda them: _commits(trace, them)),
        *_waiting(trace),
    ]


def _grouped(what: str, events: Iterable[Event], tell: Callable[[list[Event]], str]) -> list[Finding]:
    """Return one finding for all the events from the same line of the program."""
    groups: dict[object, list[Event]] = {}
    for event in events:
        groups.setdefault((event.where, event.text), []).append(event)
    note = _NOTES.get(what, "")
    return [Finding(what, f"{what}: {tell(them)}", tuple(them), note) for them in groups.values()]


_NOTES = {
    "still out": "never checked in",
    "left to the garbage collector": "never given back",
    "never closed": "never closed",
    "COMMIT after the response started": "after the response started",
}


def _still_out(trace: Trace) -> list[Event]:
    return sorted(trace.out(), key=lambda event: event.n)


def _collected(trace: Trace) -> list[Event]:
    """Return the check-outs that nobody but the garbage collector ended."""
    ends = [event for event in trace.of(kinds.CHECKED_IN) if event.data.get("collected")]
    outs = (trace.until(end).last(kinds.CHECKED_OUT, connection=end.connection) for end in ends)
    return [out for out in outs if out is not None]


def _late(trace: Trace) -> list[Event]:
    """Return the COMMITs after the response of what was begun before it: a background task's own are not late."""
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
    return [event for event in late if event.request is not None]


def _worker(event: Event) -> int | None:
    """Return what tells one piece of work from another: its session, or without one its connection."""
    return event.session if event.session is not None else -(event.connection or 0)


def _waiting(trace: Trace) -> list[Finding]:
    found = []
    for wait in waits(trace):
        if wait.got_it or wait.ended is None:
            what = "waited for a connection" if wait.got_it else "still waiting for a connection"
            until = f", got it at step {wait.ended.n}" if wait.ended else ""
        else:
            what, until = "got no connection", f", gave up at step {wait.ended.n}"
        who = ", ".join(filter(None, [named(trace, "request", [wait.wanted]), _at(wait.wanted)]))
        line = f"{what}: {who or 'the program'}, since step {wait.wanted.n}{until}"
        found.append(Finding(what, line, (wait.wanted,), what))
    return found


def _checked_out(trace: Trace, them: list[Event]) -> str:
    return _parts(named(trace, "connection", them) or "a connection", _at(them[0], "checked out at"), trace, them)


def _opened(trace: Trace, them: list[Event]) -> str:
    return _parts(named(trace, "session", them), _at(them[0], "opened at"), trace, them)


def _commits(trace: Trace, them: list[Event]) -> str:
    step = f"step {them[0].n}" if len(them) == 1 else f"{len(them)} times"
    return _parts(step, them[0].text, trace, them)


def _parts(first: str, second: str, trace: Trace, them: list[Event]) -> str:
    return ", ".join(filter(None, [first, second, named(trace, "request", them)]))


def _at(event: Event, before: str = "at") -> str:
    return f"{before} {event.where}" if event.where else ""


def named(trace: Trace, family: str, events: Iterable[Event]) -> str:
    """Return which requests (or calls), sessions or connections these are: "sessions 1–3, 7"; "" if none."""
    numbers = sorted({n for event in events if (n := getattr(event, family)) is not None})
    if family == "request" and numbers and all(trace.first(kinds.CALL_STARTED, request=n) for n in numbers):
        family = "call"
    return f"{family}{'s' if len(numbers) > 1 else ''} {_ranges(numbers)}" if numbers else ""


def _ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
