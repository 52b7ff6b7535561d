"""Exceptions of a submission, as data that crosses to the judge."""

from __future__ import annotations

import traceback
from typing import Any

from ...recorder.exception_text import text_of
from ...recorder.source_line import is_own, short
from ..values import encode


def fault(error: BaseException) -> dict[str, Any]:
    """Return an exception's classes, its text, and the submission's own frames, outermost first."""
    cause = (
        error.exceptions[0] if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1 else error
    )
    return {
        "class": _path(type(cause)),
        "classes": [_path(cls) for cls in type(cause).__mro__],
        "text": text_of(cause),
        "frames": _frames(cause),
        "status": _status(cause),
        **_syntax(cause),
    }


def _path(cls: type) -> str:
    return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _status(error: BaseException) -> Any:
    try:
        return encode(getattr(error, "status_code", None))
    except BaseException:  # a submission's own exception class may fail at any of its attributes
        return None


def _frames(error: BaseException) -> list[dict[str, Any]]:
    found = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in found if is_own(frame.filename)]
    # A recursion error has a thousand equal frames; the first and the last ones tell it.
    kept = own if len(own) <= 12 else [*own[:6], *own[-6:]]
    return [
        {
            "file": short(frame.filename),
            "line": frame.lineno,
            "function": frame.name,
            "code": frame.line or "",
        }
        for frame in kept
    ]


def _syntax(error: BaseException) -> dict[str, Any]:
    """Return where Python could not read a file; a text that the submission itself compiles is no file."""
    if not isinstance(error, SyntaxError) or not is_own(str(error.filename)):
        return {}
    return {
        "syntax": {
            "file": short(str(error.filename)),
            "line": _integer(error.lineno),
            "column": _integer(error.offset),
            "code": str(error.text or "").rstrip("\n"),
            "message": str(error.msg),
        }
    }


def _integer(value: Any) -> int:
    """Anybody can raise a SyntaxError, and put into it what they like."""
    return value if type(value) is int else 0
