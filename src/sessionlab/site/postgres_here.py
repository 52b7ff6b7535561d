"""Whether what needs PostgreSQL can be recorded here; where it can't, the pages say so."""

from __future__ import annotations

from functools import cache

NOT_HERE = "*This needs PostgreSQL, which was not to be had where these pages were made.*\n"


@cache
def usable() -> bool:
    """Return whether there is a PostgreSQL to record on."""
    from ..databases.postgres import availability

    return availability().usable
