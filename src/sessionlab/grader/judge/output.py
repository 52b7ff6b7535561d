"""What a submission prints: read without end, kept in part."""

from __future__ import annotations

import threading
from typing import BinaryIO

_KEPT = 16 * 1024


class Output:
    """Drains a pipe in a thread; keeps the first and the last 16 KiB since the last `take`."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._head = b""
        self._tail = b""
        self._dropped = 0
        self._changed = threading.Condition()
        self._ended = False
        self.thread = threading.Thread(target=self._drain, name="sessionlab output", daemon=True)
        self.thread.start()

    def _drain(self) -> None:
        while data := self._pipe.raw.read(65536):  # type: ignore[attr-defined]
            with self._changed:
                self._keep(data)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _keep(self, data: bytes) -> None:
        room = _KEPT - len(self._head)
        self._head += data[:room]
        rest = self._tail + data[room:]
        self._dropped += max(0, len(rest) - _KEPT)
        self._tail = rest[-_KEPT:]

    def take(self, marker: str, seconds: float = 1.0) -> str:
        """Return what was printed up to the marker (or the pipe's end, or the time's), and begin anew."""
        sought = f"\n{marker}\n".encode()
        with self._changed:
            self._changed.wait_for(lambda: self._ended or sought in self._head + self._tail, timeout=seconds)
            text, dropped = (self._head + self._tail).replace(sought, b""), self._dropped
            if dropped:
                text = (
                    self._head
                    + f"\n… {dropped:,} bytes left out …\n".encode()
                    + self._tail.replace(sought, b"")
                )
            self._head, self._tail, self._dropped = b"", b"", 0
        return text.decode("utf-8", "replace")
