"""`sessionlab doctor`: what is installed, which databases can be used, what is missing and how to get it."""

from __future__ import annotations

from . import ending
from .examination import FINE, MISSING, WORSE, examine
from .screen import say, say_prose

_MARKS = {FINE: ("✓", "green"), WORSE: ("–", "yellow"), MISSING: ("✗", "bold red")}


def doctor() -> int:
    """Say what is installed, which databases can be used, what is missing and how to get it."""
    missing = 0
    for finding in examine():
        mark, style = _MARKS[finding.state]
        say_prose(f"{mark} {finding.subject:<18} {finding.fact}", style, " " * 21)
        if finding.hint:
            say_prose(f"{'':21}{finding.hint}", indent=" " * 21)
        missing += finding.state == MISSING
    say()
    say(
        "The course can be followed here." if not missing else "The course can't be followed here yet.",
        "bold",
    )
    return ending.NOT_PASSED if missing else ending.PASSED
