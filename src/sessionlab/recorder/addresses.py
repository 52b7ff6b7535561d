"""Texts without the addresses of objects, which are others in each run and tell a reader nothing."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+(?=>)")


def without_addresses(text: str) -> str:
    """Return a text in which "<Account at 0x7f48d9db2490>" is "<Account>"."""
    return _ADDRESS.sub("", text)
