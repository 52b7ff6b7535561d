"""Notice that a file was saved, however an editor does that."""

from __future__ import annotations

import os
import time
from pathlib import Path

SAVED = "saved"
GONE = "gone"

# Some editors empty the file first, others rename another one into its place: for a moment it is empty or away.
_MOMENT = 0.3  # seconds

_Signature = tuple[int, int, int] | None


class Saves:
    """Tells each save of one file. Its time alone would not do: two saves can fall into one tick of the clock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _signature(path)
        self._in_between: float | None = None

    def poll(self) -> str | None:
        """Return SAVED or GONE if that has happened since the last call, else None."""
        now, signature = time.monotonic(), _signature(self._path)
        if signature != self._seen:
            self._seen = signature
            whole = signature is not None and signature[1] > 0
            self._in_between = None if whole else now
            return SAVED if whole else None
        if self._in_between is not None and now - self._in_between > _MOMENT:
            self._in_between = None
            return GONE if signature is None else SAVED
        return None


def _signature(path: Path) -> _Signature:
    """Return the time of the last change in nanoseconds, the size in bytes and the inode; None for no file."""
    try:
        about = os.stat(path)
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino
