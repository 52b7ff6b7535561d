"""Verdicts that follow from how the host answered, whatever the suite asked: not written, missing, stuck, ended."""

from __future__ import annotations

from typing import Any

from ...recorder.trace import Trace
from ..verdict_document import Failed
from .host_process import MEMORY_LIMIT, HostEnded, HostStuck
from .outcomes import Fault

_TOLD = 6  # connections that are out, or that somebody waits for: the others are counted


def missing(name: str, nearest: str) -> Failed:
    """Return the verdict on a name that the submission does not define."""
    hint = f"; did you mean {name!r} by {nearest!r}?" if nearest else ""
    return Failed(f"your file has no {name!r}{hint}", f"your file defines {name!r}", "MISSING_NAME")


def not_written(error: Fault) -> Failed:
    """Return the verdict on a part that still raises NotImplementedError."""
    return Failed(
        f"this part is not written yet: TODO {error.text} ({error.where})".replace(" ()", ""),
        f"code in the place of TODO: {error.text}",
        "NOT_WRITTEN",
    )


def wrong_color(told: str, is_async: bool) -> Failed:
    """Return the verdict on an async function where a plain one is due, and the reverse."""
    if is_async:
        return Failed(
            f"{told} returned a coroutine: it has run nothing", "a plain function (`def`)", "ASYNC_FUNCTION"
        )
    return Failed(f"{told} returned no awaitable", "an async function (`async def`)", "SYNC_FUNCTION")


def stuck(told: str, error: HostStuck, trace: Trace | None) -> Failed:
    """Return the verdict on code that did not come back, naming who holds connections and who waits for one."""
    facts = error.facts
    holders, waiters = facts.get("out", []), facts.get("waiting", [])
    long = "at the line where it was waited for before" if error.again else f"within {error.seconds:g} s"
    observed = [f"{told} did not come back {long}"]
    observed += _first(
        [f"holds connection {h['connection']}{_whose(h)}" for h in holders], "connections are out"
    )
    observed += _first([f"waits for a connection{_whose(w)}" for w in waiters], "wait for one")
    if not waiters:
        observed += [f"stands at {line}" for line in facts.get("lines", [])[:4]]
    code = "POOL_DEADLOCK" if holders and waiters else "STUCK"
    return Failed("\n".join(observed), f"{told} comes back within {error.seconds:g} s", code, trace)


def _first(lines: list[str], others: str) -> list[str]:
    rest = [f"{len(lines) - _TOLD} more {others}"] if len(lines) > _TOLD else []
    return [*lines[:_TOLD], *rest]


def _whose(fact: dict[str, Any]) -> str:
    parts = [f" for {fact['seconds']:g} s"]
    parts += [f" at {fact['where']}"] if fact["where"] else []
    parts += [f" (request {fact['request']})"] if fact["request"] else []
    return "".join(parts)


def ended(told: str, error: HostEnded) -> Failed:
    """Return the verdict on code that ended its process, or had to be ended."""
    stands = "\n".join(f"stands at {line}" for line in error.lines[:3])
    if error.reason == "memory":
        used = f"{MEMORY_LIMIT / 1e9:.1f} GB"
        return Failed(
            f"{told} took more than {used} of memory and was ended", f"far less than {used}", "MEMORY"
        )
    if error.reason == "deadline":
        observed = f"{told} did not come back, and let no other thread run (it holds Python's lock)"
        return Failed("\n".join(filter(None, [observed, stands])), f"{told} comes back", "STUCK")
    how = (
        f"with exit code {error.code}"
        if error.code is None or error.code >= 0
        else f"by signal {-error.code}"
    )
    return Failed(f"{told} ended the process {how}", f"{told} returns or raises", "ENDED")


def lock_kept(wanted: str, said: str) -> Failed:
    """Return the verdict on a lock that is kept when nobody is at work any more; `said` are the database's words."""
    observed = f"another process could not run {wanted!r}: {said}"
    return Failed(observed, "once a call has ended, nobody has to wait for its locks", "LOCK_KEPT")
