"""The placeholder of a suite's statements is `?` on every database; psycopg has `%s`."""

from __future__ import annotations

import re

_MARK = re.compile(r"'[^']*'|\"[^\"]*\"|\?|%")


def placed(sql: str) -> bytes:
    """Return a statement with psycopg's placeholders for `?`, outside of quoted text, and `%` as itself."""
    return _MARK.sub(lambda found: "%s" if found[0] == "?" else found[0].replace("%", "%%"), sql).encode()
