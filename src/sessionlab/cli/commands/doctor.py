"""`sessionlab doctor`: what is installed, which databases can be used, what is missing and how to get it."""

from __future__ import annotations

from .. import ending
from ..terminal.screen import say, say_prose

_COLUMN = 21


def doctor() -> int:
    """Say what is installed, which databases can be used, what is missing and how to get it."""
    from ..requirements import FINE, MISSING, WORSE, examine  # 14 ms that `--help` does without

    marks = {FINE: ("✓", "green"), WORSE: ("–", "yellow"), MISSING: ("✗", "bold red")}
    missing = 0
    for finding in examine():
        mark, style = marks[finding.state]
        say_prose(f"{f'{mark} {finding.subject}':<{_COLUMN - 1}} {finding.fact}", style, " " * _COLUMN)
        if finding.hint:
            say_prose(f"{'':{_COLUMN}}{finding.hint}", indent=" " * _COLUMN)
        missing += finding.state == MISSING
    say()
    say(
        "The course can be followed here." if not missing else "The course can't be followed here yet.",
        "bold",
    )
    return ending.NOT_PASSED if missing else ending.PASSED
