"""Points of time in words."""

from __future__ import annotations

import time

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def ago(at: float, now: float | None = None) -> str:
    """Return how long ago a time (in seconds since the epoch) was, as in "3 minutes ago"."""
    seconds = int((time.time() if now is None else now) - at)
    for size, unit in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
