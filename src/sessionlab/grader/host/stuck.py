"""What a submission is stuck in: who holds connections, who waits for one, and the line each thread stands on."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from types import FrameType
from typing import Any

from ...recorder.recording import Recording
from ...recorder.source_line import is_own, short
from ...recorder.trace import Event

_LOOKS = 20
_BETWEEN_LOOKS = 0.001  # seconds


def facts(recording: Recording, began: float, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """Return the connections that are out, those who wait for one, and the submission's lines now running."""
    trace = recording.trace
    now = time.perf_counter() - began
    return {
        "out": [_told(event, now) for event in trace.out()],
        "waiting": [_told(event, now) for event in trace.waiting()],
        "lines": [*_thread_lines(), *_task_lines(loop)],
    }


def _told(event: Event, now: float) -> dict[str, Any]:
    return {
        "connection": event.connection,
        "request": event.request,
        "where": str(event.where) if event.where else "",
        "seconds": round(now - event.at, 1),
    }


def _thread_lines() -> list[str]:
    """Return the line that each thread stands on: of one that runs in circles, the line that it is seen on most."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    seen: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for _ in range(_LOOKS):
        for ident, frame in sys._current_frames().items():
            seen[ident].update(filter(None, [_nearest(frame)]))
        time.sleep(_BETWEEN_LOOKS)
    return [
        f"{lines.most_common(1)[0][0]} ({names.get(ident, 'thread')})"
        for ident, lines in seen.items()
        if lines
    ]


def _task_lines(loop: asyncio.AbstractEventLoop) -> list[str]:
    lines = []
    for task in asyncio.all_tasks(loop):
        own = [line for frame in _awaiting(task.get_coro()) if (line := _nearest_in(frame))]
        lines += [f"{line} (task)" for line in own[-1:]]
    return lines


def _awaiting(coroutine: Any) -> Iterator[FrameType]:
    """Yield the frames of a coroutine and of those that it awaits: of one that waits, a task knows the first alone."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None:
            yield frame
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)


def _nearest_in(frame: FrameType) -> str:
    """A frame that waits has nobody above it."""
    return _line(frame) if is_own(frame.f_code.co_filename) else ""


def _nearest(frame: FrameType | None) -> str:
    while frame is not None:
        if is_own(frame.f_code.co_filename):
            return _line(frame)
        frame = frame.f_back
    return ""


def _line(frame: FrameType) -> str:
    return f"{short(frame.f_code.co_filename)}:{frame.f_lineno} in {frame.f_code.co_name}"
