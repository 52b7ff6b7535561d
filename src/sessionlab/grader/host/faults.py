"""Exceptions of a submission, as data that crosses to the judge."""

from __future__ import annotations

import traceback
from typing import Any

from ...recorder.addresses import without_addresses
from ...recorder.where import is_own, short
from ..values import encode


def fault(error: BaseException) -> dict[str, Any]:
    """Return an exception's classes, its text, and the submission's own frames, outermost first."""
    cause = (
        error.exceptions[0] if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1 else error
    )
    return {
        "class": _path(type(cause)),
        "classes": [_path(cls) for cls in type(cause).__mro__],
        "text": _text(cause),
        "frames": _frames(cause),
        "status": encode(getattr(cause, "status_code", None)),
        **_syntax(cause),
    }


def _path(cls: type) -> str:
    return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _text(error: BaseException) -> str:
    try:
        return without_addresses(str(error))[:2000]
    except BaseException:  # a submission's own exception class may fail at its own text
        return "(its text can't be read)"


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
    if not isinstance(error, SyntaxError):
        return {}
    return {
        "syntax": {
            "line": error.lineno or 1,
            "column": error.offset or 1,
            "code": (error.text or "").rstrip("\n"),
            "message": error.msg,
        }
    }
