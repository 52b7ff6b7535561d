"""A line on standard error that says how far a run is; only on a terminal, and gone afterwards."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .screen import console, is_terminal

_QUIET = 0.3  # seconds: what is over before needs no progress, and rich is imported while the judge is


@contextmanager
def progress_line(what: str) -> Iterator[_Line]:
    """Yield a progress for `Front.grade`; the line is there from a moment after the block's beginning."""
    line = _Line(what)
    if is_terminal(sys.stderr):
        line.timer.start()
    try:
        yield line
    finally:
        line.end()


class _Line:
    """How many checks have been judged, and which was the last."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._judged = 0
        self._last = "starting the judge"
        self._status: object = None
        self._lock = threading.Lock()
        self._ended = False
        self.timer = threading.Timer(_QUIET, self._begin)
        self.timer.daemon = True

    def __call__(self, check: str, state: str) -> None:
        """Count a check that was judged."""
        with self._lock:  # the timer may be about to show what was so before
            self._judged += 1
            self._last = f"{check} {state}"
            if self._status is not None:
                self._status.update(str(self))  # type: ignore[attr-defined]

    def about(self, what: str) -> None:
        """Begin another lesson."""
        self._what, self._judged, self._last = what, 0, ""

    def end(self) -> None:
        """Take the line away."""
        self.timer.cancel()
        with self._lock:
            self._ended = True
            if self._status is not None:
                self._status.stop()  # type: ignore[attr-defined]

    def _begin(self) -> None:
        from rich.status import Status  # only where a run is slow enough to show it

        with self._lock:
            if not self._ended:
                status = Status(str(self), console=console(stderr=True), spinner="line", refresh_per_second=5)
                status.start()
                self._status = status

    def __str__(self) -> str:
        judged = f"{self._judged} checks judged" if self._judged else ""
        return " · ".join(filter(None, [self._what, judged, self._last]))
