"""A statement as a reader wants it: in little room, or with its parameters in their places."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any

_QUALIFIER = re.compile(r"\b[A-Za-z_]\w*\.(?=[A-Za-z_])")

_ONE_TABLE = re.compile(r"(?i)^(?!.* JOIN )(INSERT|SELECT|UPDATE|DELETE) .*")


def _without_qualifiers(statement: re.Match[str]) -> str:
    return _QUALIFIER.sub("", statement[0])


# A SELECT's columns, an INSERT's values, what is returned, "account." where there is but one table, VALUES.
_LEAST_TELLING: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?i)^(SELECT (?:DISTINCT )?)(?!\().{9,}?(?= FROM )"), r"\1…"),
    (re.compile(r"(?i)(?<=VALUES )\(.{9,}\)(?= RETURNING|$)"), "(…)"),
    (re.compile(r"(?i)(?<= RETURNING ).{9,}$"), "…"),
    (_ONE_TABLE, _without_qualifiers),
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


_MARK = re.compile(r"'[^']*'|%\((?P<name>\w+)\)s(?:::\w+)?|\$(?P<number>\d+)(?:::\w+)?|\?")
_LABEL = re.compile(r"\b(\w+)\.(\w+) AS \1_\2\b")


def filled(text: str, parameters: str = "") -> str:
    """Return a statement with its parameters in their places, and without labels and names that go without saying.

    `parameters` is their repr, as a trace has it; where it can't be read, the statement keeps its marks.
    """
    try:
        values = ast.literal_eval(parameters) if parameters else ()
    except (ValueError, SyntaxError):  # cut off, or a value whose repr is no literal
        values = ()
    return _ONE_TABLE.sub(_without_qualifiers, _LABEL.sub(r"\1.\2", _with(text, values)))


def _with(text: str, values: Any) -> str:
    if not isinstance(values, (tuple, dict)) or (values and isinstance(next(iter(values)), (tuple, dict))):
        return text  # one statement for many rows
    row: Iterator[Any] = chain(values, repeat(...))

    def value(mark: re.Match[str]) -> str:
        if mark[0].startswith("'"):
            return mark[0]
        if mark["number"] and isinstance(values, tuple):
            found = values[int(mark["number"]) - 1] if int(mark["number"]) <= len(values) else ...
        elif mark["name"]:
            found = values.get(mark["name"], ...) if isinstance(values, Mapping) else ...
        else:
            found = next(row)
        return mark[0] if found is ... else _literal(found)

    return _MARK.sub(value, text)


def _literal(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "true", False: "false"}[value]
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
