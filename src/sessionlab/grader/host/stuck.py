"""What a submission is stuck in: who holds connections, who waits for one, and the line each thread stands on."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from types import FrameType
from typing import Any

from ...recorder.recording import Recording
from ...recorder.trace import Event
from ...recorder.where import is_own, short


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
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    lines = []
    for ident, frame in sys._current_frames().items():
        line = _nearest(frame)
        if line:
            lines.append(f"{line} ({names.get(ident, 'thread')})")
    return lines


def _task_lines(loop: asyncio.AbstractEventLoop) -> list[str]:
    lines = []
    for task in asyncio.all_tasks(loop):
        for frame in reversed(task.get_stack()):
            line = _nearest(frame)
            if line:
                lines.append(f"{line} (task)")
                break
    return lines


def _nearest(frame: FrameType | None) -> str:
    while frame is not None:
        if is_own(frame.f_code.co_filename):
            return f"{short(frame.f_code.co_filename)}:{frame.f_lineno} in {frame.f_code.co_name}"
        frame = frame.f_back
    return ""
