"""See coroutines that were made and that nobody awaited: what they were to do has not been done.

Python tells of each one when it is let go, by `warnings._warn_unawaited_coroutine` (CPython 3.7 to 3.14). The
warning itself is shown only once for each line.
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import CoroutineType
from typing import Any

from . import trace as kinds
from .recording import active, emit
from .source_line import is_own, short, where
from .trace import Where

_HOOK = "_warn_unawaited_coroutine"


def remember_origins() -> None:
    """Let the coroutines that this thread makes remember the line that made them."""
    sys.set_coroutine_origin_tracking_depth(max(1, sys.get_coroutine_origin_tracking_depth()))


@contextmanager
def remembering_origins() -> Iterator[None]:
    """As `remember_origins`, inside the block."""
    before = sys.get_coroutine_origin_tracking_depth()
    remember_origins()
    try:
        yield
    finally:
        sys.set_coroutine_origin_tracking_depth(before)


def can_be_seen() -> bool:
    """Say whether this Python tells of coroutines that nobody awaited."""
    return hasattr(warnings, _HOOK)


def install() -> list[tuple[Any, str, Any]]:
    """Wrap what Python calls for such a coroutine; return what was put where: (owner, attribute, wrap)."""
    if not can_be_seen():
        return []
    original = getattr(warnings, _HOOK)

    @functools.wraps(original)
    def wrapped(coroutine: CoroutineType[Any, Any, Any]) -> None:
        if not active:
            original(coroutine)
            return
        if _is_own(coroutine):
            emit(kinds.NEVER_AWAITED, text=coroutine.__qualname__, where=_origin(coroutine) or where())
        # As Python says it, but of the program's line, and not of this one.
        warnings.warn(f"coroutine '{coroutine.__qualname__}' was never awaited", RuntimeWarning, stacklevel=2)

    setattr(warnings, _HOOK, wrapped)
    return [(warnings, _HOOK, wrapped)]


def _is_own(coroutine: CoroutineType[Any, Any, Any]) -> bool:
    """Say whether the recorded program wrote or made it: what a library drops within itself is its own affair.

    SQLAlchemy does so on the way to a MissingGreenlet.
    """
    origin = coroutine.cr_origin
    return not origin or is_own(origin[0][0]) or is_own(coroutine.cr_code.co_filename)


def _origin(coroutine: CoroutineType[Any, Any, Any]) -> Where | None:
    """Return the line that made the coroutine, if it remembers it and that is one of the recorded program's own."""
    for file, line, function in coroutine.cr_origin or ():
        if is_own(file):
            return Where(short(file), line, function)
    return None
