"""Which check's trace is meant: that of the check that is named, or else the one to look at first."""

from __future__ import annotations

from difflib import get_close_matches

from ..course.errors import WrongUse
from .verdict_document import Check, Verdict


def check_to_trace(verdict: Verdict, name: str | None, checking: str) -> Check:
    """Return the check of this name; without one the first failure, else the first that did more than load the file.

    `checking` is what the user types to check the lesson.

    Raises:
        WrongUse: there is no check of this name, or it left no trace.
    """
    traced = [check for check in verdict.checks if check.trace]
    if name and name not in verdict.expected:
        raise WrongUse(f"There is no check {name!r} in {verdict.lesson}.", _nearest(name, verdict.expected))
    found = [check for check in traced if check.id == name] if name else _by_interest(verdict, traced)
    if not found:
        fact = f"{name or verdict.lesson} left no trace: your code did nothing with a database there."
        raise WrongUse(fact, f"`{checking}` says what came of it.")
    return found[0]


def _by_interest(verdict: Verdict, traced: list[Check]) -> list[Check]:
    failed = [check for check in traced if check is verdict.first_failure]
    beyond_loading = [check for check in traced if check.id != verdict.expected[0]]
    return [*failed, *beyond_loading, *traced]


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"did you mean `{near[0]}`?" if near else f"its checks are {', '.join(known)}."
