"""Say in one message where an installed package is outside the range that the course is true of."""

from __future__ import annotations

from .terminal.screen import say_prose


def warn_of_versions() -> None:
    """Write to standard error which packages are outside their ranges, and how to mend that; nothing if none is."""
    from .requirements import FINE, packages

    for finding in packages():
        if finding.state != FINE:
            say_prose(f"{finding.subject} {finding.fact}: what the course says may not hold.", stderr=True)
            say_prose(f"hint: {finding.hint}\n", stderr=True)
