"""A lesson's mutants: a module given with its exercise, with one of its promises broken.

A mutant is a file of `checks/mutants/NN_slug`: one function or class that takes the place of the one of the
same name in the given module, which it imports the rest from. The module's docstring numbers its promises.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from .errors import Malformed
from .lesson import Lesson

_KEY = re.compile(r"^(breaks|suffered):", re.MULTILINE)
_PROMISE = re.compile(r"^(\d+)\. (.+(?:\n +.+)*)", re.MULTILINE)
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SHAPE = "the docstring says what is wrong; then `breaks: <number>` and `suffered: <what the users suffer>`."


@dataclass(frozen=True)
class Mutant:
    """A given module with one promise broken.

    `what` says what is wrong, `suffered` what comes of it for the users; `promise` is the sentence that the
    module's docstring has under the number `breaks`. `module` is the given file's name, `source` the whole
    module with the mutant in it.
    """

    name: str
    what: str
    suffered: str
    breaks: int
    promise: str
    module: str
    source: str
    original: str

    def diff(self) -> str:
        """Return what differs from the module as it was given, as a unified diff."""
        lines = unified_diff(
            self.original.splitlines(), self.source.splitlines(), self.module, f"{self.name}.py", lineterm=""
        )
        return "\n".join(lines)


def mutants(lesson: Lesson) -> list[Mutant]:
    """Return the lesson's mutants, by name; raises Malformed."""
    return [read_mutant(path, lesson.given) for path in lesson.mutants]


def read_mutant(path: Path, given: tuple[Path, ...]) -> Mutant:
    """Return the mutant that a file makes of one of the given modules.

    Raises Malformed where it does not replace exactly one definition that stands there exactly once, or does
    not say which promise it breaks.
    """
    text = path.read_text(encoding="utf-8")
    tree = _parse(path, text)
    imported, module = _module(path, tree, given)
    original = module.read_text(encoding="utf-8")
    start, end = _span(path, _definition(path, tree), module, original)
    lines = original.splitlines(keepends=True)
    new = "".join(text.splitlines(keepends=True)[imported:]).strip("\n") + "\n"
    source = "".join([*lines[:start], new, *lines[end:]])
    what, keys = _about(path, tree)
    promise = _promise(path, original, keys["breaks"])
    breaks = int(keys["breaks"])
    return Mutant(path.stem, what, keys["suffered"], breaks, promise, module.name, source, original)


def _parse(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise Malformed(
            path, error.lineno or 1, f"the mutant does not parse: {error.msg}", "mend it."
        ) from None


def _module(path: Path, tree: ast.Module, given: tuple[Path, ...]) -> tuple[int, Path]:
    """The last line of the import from the given module, and that module."""
    known = {module.stem: module for module in given}
    found = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module in known]
    if len(found) != 1:
        names = ", ".join(known) or "none"
        hint = "a mutant imports what it needs from the module that it changes, in one statement."
        raise Malformed(path, 1, f"there is not one import from a given module (given: {names})", hint)
    return found[0].end_lineno or 0, known[str(found[0].module)]


def _definition(path: Path, tree: ast.Module) -> str:
    names = [node.name for node in tree.body if isinstance(node, _DEFINITION)]
    if len(names) != 1:
        what = f"there are {len(names)} definitions in the place of one"
        raise Malformed(path, 1, what, "a mutant is one function or class, which replaces the one so named.")
    return names[0]


def _span(path: Path, name: str, module: Path, original: str) -> tuple[int, int]:
    """Where the definition stands in the given module: the lines before it, and those up to its end."""
    body = ast.parse(original).body
    found = [node for node in body if isinstance(node, _DEFINITION) and node.name == name]
    if len(found) != 1:
        what = f"{module.name} defines {name!r} {len(found)} times"
        raise Malformed(path, 1, what, "a mutant replaces a definition that stands there once.")
    first = min(part.lineno for part in (found[0], *found[0].decorator_list))
    return first - 1, found[0].end_lineno or first


def _about(path: Path, tree: ast.Module) -> tuple[str, dict[str, str]]:
    what, *pieces = _KEY.split(ast.get_docstring(tree) or "")
    keys = {key: " ".join(text.split()) for key, text in zip(pieces[::2], pieces[1::2], strict=True)}
    if not what.strip() or set(keys) != {"breaks", "suffered"} or not keys["breaks"].isdecimal():
        raise Malformed(path, 1, "the docstring does not say what the mutant breaks", _SHAPE)
    return " ".join(what.split()), keys


def _promise(path: Path, original: str, number: str) -> str:
    promises = dict(_PROMISE.findall(ast.get_docstring(ast.parse(original)) or ""))
    if number not in promises:
        what = f"`breaks: {number}` names no promise; there are {', '.join(promises) or 'none'}"
        raise Malformed(path, 1, what, "the given module's docstring numbers its promises: `1. …`.")
    return " ".join(promises[number].split())
