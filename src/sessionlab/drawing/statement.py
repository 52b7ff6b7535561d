"""A statement in little room: what tells least goes first."""

from __future__ import annotations

import re
from collections.abc import Callable

_QUALIFIER = re.compile(r"\b[A-Za-z_]\w*\.(?=[A-Za-z_])")


def _without_qualifiers(statement: re.Match[str]) -> str:
    return _QUALIFIER.sub("", statement[0])


# A SELECT's columns, an INSERT's values, what is returned, "account." where there is but one table, VALUES.
_LEAST_TELLING: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?i)^(SELECT (?:DISTINCT )?)(?!\().{9,}?(?= FROM )"), r"\1…"),
    (re.compile(r"(?i)(?<=VALUES )\(.{9,}\)(?= RETURNING|$)"), "(…)"),
    (re.compile(r"(?i)(?<= RETURNING ).{9,}$"), "…"),
    (re.compile(r"(?i)^(?!.* JOIN )(INSERT|SELECT|UPDATE|DELETE) .*"), _without_qualifiers),
    (re.compile(r"(?i)(?<=\)) VALUES .*"), " …"),
)


def shortened(text: str, room: int, more: str = "…") -> str:
    """Return a statement, or another text on one line, in at most `room` characters.

    `more` stands for what is left out: first of all the columns of a SELECT and the values of an INSERT,
    since the table and the condition say more.
    """
    for pattern, instead in _LEAST_TELLING:
        if len(text) <= room:
            return text
        text = pattern.sub(instead, text).replace("…", more)
    return text if len(text) <= room else text[: max(0, room - len(more))].rstrip() + more[:room]
