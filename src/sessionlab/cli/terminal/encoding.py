"""What an output can't encode is written in ASCII, as some pipes on Windows need it, instead of raising."""

from __future__ import annotations

import codecs
import sys

_INSTEAD = {
    "✓": "+",
    "✗": "x",
    "–": "-",
    "—": "-",
    "·": "-",
    "…": "...",
    "“": '"',
    "”": '"',
    "’": "'",
    "→": "->",
    "←": "<-",
    "─": "-",
    "│": "|",
    "┊": ":",
    "┴": "+",
    "├": "+",
    "┼": "+",
    "●": "o",
    "▶": ">",
    "◀": "<",
    "×": "x",
}


def _ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_INSTEAD.get(character, "?") for character in wrong), error.end


def never_refuse() -> None:
    """Let standard output and standard error take any text."""
    codecs.register_error("sessionlab", _ascii)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="sessionlab")
