"""Find the line of the recorded program that an event came from."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import lru_cache
from types import FrameType
from typing import Any

from .trace import Where

_LIBRARIES = tuple(
    os.path.normcase(os.path.realpath(path)) + os.sep
    for path in {
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        os.path.dirname(os.path.dirname(__file__)),
    }
)


def where() -> Where | None:
    """Return the nearest line outside every library, or None.

    Looks up the caller's own stack first, then the stack of the parent greenlet, which is where the
    coroutine stands that awaits an asyncio form of SQLAlchemy.
    """
    found = _nearest(sys._getframe(1))
    return found or _nearest(_parent_frame())


def _nearest(frame: FrameType | None) -> Where | None:
    while frame is not None:
        code = frame.f_code
        if is_own(code.co_filename):
            return _line(code.co_filename, frame.f_lineno, code.co_name)
        frame = frame.f_back
    return None


@lru_cache(maxsize=4096)
def _line(filename: str, line: int, function: str) -> Where:
    return Where(short(filename), line, function)


def _parent_frame() -> FrameType | None:
    greenlet = sys.modules.get("greenlet")
    if greenlet is None:
        return None
    parent: Any = greenlet.getcurrent().parent
    frame: FrameType | None = getattr(parent, "gr_frame", None)
    return frame


@lru_cache(maxsize=4096)
def is_own(filename: str) -> bool:
    """Say whether a file belongs to the recorded program: a file that is no library's, or a notebook cell."""
    if filename.startswith("<"):
        return filename.startswith("<ipython-input")
    if not os.path.isabs(filename) and not os.path.exists(filename):
        return False  # a compiled library's frames name the source that it was built from
    return not os.path.normcase(os.path.realpath(filename)).startswith(_LIBRARIES)


@lru_cache(maxsize=4096)
def short(filename: str) -> str:
    """Return a file's name without its folders; a notebook cell is called "cell"."""
    if filename.startswith("<ipython-input") or f"{os.sep}ipykernel_" in filename:
        return "cell"
    return os.path.basename(filename)
