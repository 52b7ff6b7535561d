"""An exception in words, for an event: whatever its class does, the recorded program meets what it has raised."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+(?=>)")
_LONGEST = 2000  # characters


def without_addresses(text: str) -> str:
    """Return a text in which "<Account at 0x7f48d9db2490>" is "<Account>": addresses are others in each run."""
    return _ADDRESS.sub("", text)


def text_of(error: BaseException) -> str:
    """Return an exception's text without addresses, cut to 2000 characters; one that can't be read is said to be so."""
    try:
        return without_addresses(str(error))[:_LONGEST]
    except BaseException:  # a program's own class may fail at its own text
        return "(its text can't be read)"


def told(error: BaseException) -> str:
    """Return an exception's class and its text, as in "ValueError: no"."""
    return f"{type(error).__name__}: {text_of(error)}".rstrip(": ")
