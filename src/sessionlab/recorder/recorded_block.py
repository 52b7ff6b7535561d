"""The block whose doings are recorded: it installs the listeners, and tells who waits for its trace when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .listeners import install
from .recording import Recording, active
from .trace import Trace
from .unawaited import remembering_origins

# Each is called with the trace of a recording whose block has ended.
ended: list[Callable[[Trace], None]] = []


@contextmanager
def record() -> Iterator[Recording]:
    """Record what this process does with SQLAlchemy and ASGI inside the `with` block.

    Yields the recording; its `trace` is complete when the block has ended. Engines, sessions and apps may
    have been made before or inside the block, in any thread.
    """
    install()
    recording = Recording()
    active.append(recording)
    try:
        with remembering_origins():
            yield recording
    finally:
        active.remove(recording)
        recording.stop()
        for tell in list(ended):
            tell(recording.trace)
