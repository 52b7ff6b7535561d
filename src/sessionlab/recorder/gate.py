"""Gates hold the recorded program at an event until somebody lets it go: in threads and on event loops alike."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.util.concurrency import await_, in_greenlet

from .trace import CONNECTION_WANTED, Event

__all__ = ["Gate", "holds_before"]

# Held before they are recorded, since these are about to happen; everything else has happened already.
_INTENTIONS = frozenset(
    {"statement", "COMMIT sent", "ROLLBACK", "response started", "body", "response done", "flush", "BEGIN"}
)


def holds_before(kind: str) -> bool:
    """Say whether a gate at this kind of event holds before the event happens, rather than after it."""
    return kind in _INTENTIONS or kind == CONNECTION_WANTED


@dataclass(eq=False)
class Gate:
    """Holds the first event that fits, after letting `skip` others by.

    `text` is a regular expression that the event's text must contain, in any case; `request` is the number
    of the request that it must belong to. `told` is called with the event when somebody is held.
    """

    kind: str | tuple[str, ...]
    text: str = ""
    request: int | None = None
    skip: int = 0
    told: Callable[[Event], None] | None = None
    event: Event | None = None
    arrived: threading.Event = field(default_factory=threading.Event)
    _open: threading.Event = field(default_factory=threading.Event)
    _sleepers: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, event: Event) -> bool:
        """Say whether this gate holds this event. A gate holds once; afterwards it stands open."""
        with self._lock:
            if self.event is not None or self._open.is_set() or not self._fits(event):
                return False
            if self.skip:
                self.skip -= 1
                return False
            self.event = event
        self.arrived.set()
        if self.told is not None:
            self.told(event)
        return True

    def _fits(self, event: Event) -> bool:
        return (
            event.kind in ((self.kind,) if isinstance(self.kind, str) else self.kind)
            and (self.request is None or event.request == self.request)
            and (not self.text or re.search(self.text, event.text, re.IGNORECASE) is not None)
        )

    def release(self) -> None:
        """Let go whatever is held here; nothing is held from now on."""
        with self._lock:
            self._open.set()
            sleepers, self._sleepers = self._sleepers, []
        for loop, sleeper in sleepers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(sleeper.set)

    def wait(self) -> None:
        """Block the caller until the release: its thread, or, inside SQLAlchemy's greenlet, only its task."""
        if in_greenlet():
            await_(self.sleep())
        else:
            self._open.wait()

    async def sleep(self) -> None:
        """Wait for the release without blocking the event loop."""
        sleeper = asyncio.Event()
        with self._lock:
            if self._open.is_set():
                return
            self._sleepers.append((asyncio.get_running_loop(), sleeper))
        await sleeper.wait()
