"""The part of an answer that is worth showing: where it differs from the solution, or one function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WRONG = re.compile(r"\s*# wrong: ?(?P<why>.*)$")


@dataclass(frozen=True)
class Excerpt:
    """Lines of a source; `wrong` says why of those that are marked as wrong, counted from 1 within `lines`."""

    lines: list[str]
    wrong: dict[int, str]


def differing(answer: str, solution: str) -> Excerpt:
    """Return the statements of an answer's module that the solution does not have.

    Imports are left out, unless there is nothing else; so are docstrings.
    """
    known = {_shape(node) for node in _statements(solution)}
    new = [node for node in _statements(answer) if _shape(node) not in known]
    return _excerpt(
        answer, [node for node in new if not isinstance(node, ast.Import | ast.ImportFrom)] or new
    )


def function(source: str, name: str) -> Excerpt | None:
    """Return one function or class of a module, without its docstring; None if there is none of this name."""
    named = [node for node in _statements(source) if getattr(node, "name", None) == name]
    return _excerpt(source, named) if named else None


def _excerpt(source: str, nodes: Iterable[ast.stmt]) -> Excerpt:
    lines = list(_spaced([_without_docstrings(node, source.splitlines()) for node in nodes]))
    notes = {
        number: match["why"] for number, line in enumerate(lines, start=1) if (match := _WRONG.search(line))
    }
    return Excerpt([_WRONG.sub("", line) for line in lines], notes)


def _without_docstrings(node: ast.stmt, lines: list[str]) -> list[str]:
    left_out = {
        number
        for inner in ast.walk(node)
        for docstring in _docstrings(inner)
        for number in range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1)
    }
    numbers = range(_first(node), (node.end_lineno or node.lineno) + 1)
    return [lines[number - 1] for number in numbers if number not in left_out]


def _docstrings(node: ast.AST) -> list[ast.stmt]:
    """Return a definition's docstring; it stays where it is all that the body has."""
    body = getattr(node, "body", None)
    return body[:1] if isinstance(body, list) and len(body) > 1 and _is_docstring(body[0]) else []


def _statements(source: str) -> list[ast.stmt]:
    body = ast.parse(source).body
    return body[1:] if body and _is_docstring(body[0]) else body


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _shape(node: ast.stmt) -> str:
    """Return what two statements share that do the same: neither comments nor docstrings count."""
    plain = ast.parse(ast.unparse(node))
    for inner in ast.walk(plain):
        for docstring in _docstrings(inner):
            inner.body.remove(docstring)  # type: ignore[attr-defined]
    return ast.dump(plain)


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _spaced(pieces: list[list[str]]) -> Iterator[str]:
    for number, piece in enumerate(pieces):
        if number:
            yield ""
        yield from piece
