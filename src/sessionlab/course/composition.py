"""Compose an answer with its lesson's solution: the answer holds the top-level statements that it changes.

A statement of the answer replaces the solution's of the same name, in the solution's place. What is new stands before
the first replaced one that follows it in the answer, or at the end. What a docstring names as `without` is left out;
a definition that is named there and written as well counts as new, and so moves. An import replaces the solution's
of the same name, and an import that nothing uses any more goes.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from .errors import Malformed

WITHOUT = "without"

_REGION = re.compile(r"^[ \t]*#[ \t]*(?:end)?region\b.*\n", re.MULTILINE)
_WITHOUT = re.compile(rf"\n+{WITHOUT}:.*?(?=\n(?:fails|mistake)\b[^\n]*:|\s*\Z)", re.DOTALL)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_COLLECTED = ("test", "Test", "pytest")  # pytest looks for these by name, so that nothing has to use them
_WIDTH = 110


@dataclass(frozen=True)
class Statement:
    """A top-level statement with the comments directly above it; `apart` are comments above that stand alone.

    `blank` is the number of empty lines above all of these.
    """

    node: ast.stmt
    text: str
    names: frozenset[str]
    apart: str = ""
    blank: int = 0

    @property
    def defines(self) -> bool:
        """Whether it is a function or a class."""
        return isinstance(self.node, _DEFINITIONS)

    @cached_property
    def used(self) -> frozenset[str]:
        """The names that it reads; the words of its strings count, for an annotation may be one."""
        return frozenset(_used_by(self.node))


@dataclass(frozen=True)
class Imported:
    """One name that an import brings; `module` is None for `import name`."""

    module: str | None
    name: str
    alias: str | None

    @property
    def bound(self) -> str:
        """The name as the module's code knows it; a dotted one in full."""
        return self.alias or self.name

    @property
    def group(self) -> tuple[bool, str]:
        """What is written as one statement: names from one module, or one plain import."""
        return self.module is not None, self.module or f"{self.name} as {self.alias}"


@dataclass
class _Module:
    """A source in parts."""

    head: str
    imports: dict[Imported, Statement] = field(default_factory=dict)
    body: list[Statement] = field(default_factory=list)


def compose(path: Path, answer: str, solution: str, without: Sequence[str] = ()) -> str:
    """Return the source that an answer and its solution make; the docstring is the answer's, less its `without`.

    Raises:
        Malformed: `without` names what the solution does not have, or the answer adds what nothing uses. `path` is
            the answer's, for the error.
    """
    base, own = _parted_solution(solution), _parted(answer)
    _check_without(path, answer, without, base)
    placed, new = _placed(base, own, without)
    imports = _imports(base, own, placed, without)
    _check_new(path, new, placed, base)
    return _joined(_docstring(own.head), imports, placed)


@lru_cache(maxsize=4)
def _parted_solution(solution: str) -> _Module:
    """Forty answers are composed with one solution."""
    return _parted(_REGION.sub("", solution))


def _parted(source: str) -> _Module:
    tree, lines = ast.parse(source), source.splitlines()
    nodes = list(tree.body)
    head = nodes.pop(0) if ast.get_docstring(tree, clean=False) is not None else None
    before = (head.end_lineno or 0) if head else 0
    module = _Module("\n".join(lines[:before]))
    for number, node in enumerate(nodes):
        end = _end(node, lines, nodes[number + 1 :])
        statement = _statement(node, lines, before, end)
        if isinstance(node, _IMPORTS):
            module.imports.update(dict.fromkeys(_entries(node), statement))
        else:
            module.body.append(statement)
        before = end
    return module


def _end(node: ast.stmt, lines: list[str], following: list[ast.stmt]) -> int:
    """The last line, with the indented comments below that no syntax tree holds; the last statement takes all."""
    end = last = node.end_lineno or node.lineno
    for number in range(end, len(lines)):
        line = lines[number]
        if following and not (not line.strip() or re.match(r"\s+#", line)):
            break
        last = number + 1 if line.strip() else last
    return last


def _statement(node: ast.stmt, lines: list[str], before: int, end: int) -> Statement:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(part.lineno for part in decorators)]) - 1
    while first > before and lines[first - 1].startswith("#"):
        first -= 1
    blank = before
    while blank < first and not lines[blank].strip():
        blank += 1
    apart = "".join(f"{line}\n" for line in lines[blank:first])
    return Statement(node, "\n".join(lines[first:end]), frozenset(_names(node)), apart, blank - before)


def _names(node: ast.AST) -> Iterator[str]:
    """What a statement binds at the top level, and `app.state.rate` for `app.state.rate = 1`."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import() | ast.ImportFrom():
            yield from (entry.bound for entry in _entries(node))
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
            yield ast.unparse(node)
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            pass
        case _:
            for inner in ast.iter_child_nodes(node):
                yield from _names(inner)


def _entries(node: ast.Import | ast.ImportFrom) -> list[Imported]:
    module = f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else None
    return [Imported(module, alias.name, alias.asname) for alias in node.names]


def _called(statement: Statement) -> frozenset[str]:
    """The names that `without` knows a statement by: a bare call has that of what it calls."""
    node = statement.node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return frozenset({ast.unparse(node.value.func)})
    return statement.names


# --- what stands where


def _placed(base: _Module, own: _Module, without: Sequence[str]) -> tuple[list[Statement], list[Statement]]:
    """The composed statements in order, and those of them that are new."""
    imported = {entry.bound for entry in own.imports}
    kept = [one for one in base.body if not _called(one) & {*without, *imported}]
    places = [[at for at, one in enumerate(kept) if _replaces(mine, one)] for mine in own.body]
    at_place: dict[int, list[Statement]] = {}
    following = len(kept)
    for mine, found in zip(reversed(own.body), reversed(places), strict=True):
        following = found[0] if found else following
        at_place.setdefault(following, []).insert(0, mine)
    gone = {at for found in places for at in found}
    new = [mine for mine, found in zip(own.body, places, strict=True) if not found]
    placed: list[Statement] = []
    for at, one in enumerate(kept):
        placed += _with_comments(at_place.get(at, []), one, at in gone)
        placed += [] if at in gone else [one]
    return [*placed, *at_place.get(len(kept), [])], new


def _replaces(mine: Statement, one: Statement) -> bool:
    return bool(mine.names & one.names) or mine.text == one.text


def _with_comments(mine: list[Statement], one: Statement, gone: bool) -> list[Statement]:
    """Comments that stand alone above what is replaced stay above what stands there now."""
    if not (gone and mine and one.apart) or mine[0].apart:
        return mine
    first = mine[0]
    return [Statement(first.node, first.text, first.names, one.apart, one.blank), *mine[1:]]


def _imports(base: _Module, own: _Module, placed: list[Statement], without: Sequence[str]) -> list[str]:
    """The import statements: as they stand where they bring the same names, and else written anew."""
    groups: dict[tuple[bool, str], set[Imported]] = {}
    for entry in [*_staying(base, own, placed, without), *own.imports]:
        groups.setdefault(entry.group, set()).add(entry)
    standing = {frozenset(_entries(node)): text for node, text in _written([base, own])}
    # The formatter keeps on lines of their own what has once been so.
    spread = {entry.group for entry, one in base.imports.items() if "(" in one.text}
    lines: list[str] = []
    section = None
    for group, entries in sorted(groups.items(), key=lambda item: _import_order(next(iter(item[1])))):
        before, section = section, _import_order(next(iter(entries)))[0]
        lines += [""] if before not in (None, section) else []
        lines.append(standing.get(frozenset(entries)) or _import_text(entries, group in spread))
    return lines


def _staying(
    base: _Module, own: _Module, placed: list[Statement], without: Sequence[str]
) -> Iterator[Imported]:
    """The solution's imports that nothing replaces, less those that only replaced code has used."""
    replaced = {
        *without,
        *(entry.bound for entry in own.imports),
        *(name for one in own.body for name in one.names),
    }
    used, was_used = _used(placed), _used(base.body)
    for entry in base.imports:
        root = entry.bound.partition(".")[0]
        if entry.bound not in replaced and (root in used or root not in was_used):
            yield entry


def _written(modules: Iterable[_Module]) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for module in modules:
        for one in module.imports.values():
            if isinstance(one.node, _IMPORTS):
                yield one.node, one.text


def _used(statements: Iterable[Statement]) -> set[str]:
    return {name for one in statements for name in one.used}


def _used_by(node: ast.AST) -> Iterator[str]:
    docstrings = {
        inner.value
        for inner in ast.walk(node)
        if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant)
    }
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner not in docstrings:
            yield from re.findall(r"\w+", inner.value)


def _import_order(entry: Imported) -> tuple[int, bool, str]:
    module = entry.module if entry.module is not None else entry.name
    root = module.partition(".")[0]
    section = 0 if root == "__future__" else 1 if root in sys.stdlib_module_names else 2 if root else 3
    return section, entry.module is not None, module.lower()


def _import_text(entries: set[Imported], spread: bool = False) -> str:
    ordered = sorted(entries, key=lambda entry: (_name_order(entry.name), entry.name.lower(), entry.name))
    names = [f"{entry.name} as {entry.alias}" if entry.alias else entry.name for entry in ordered]
    module = ordered[0].module
    if module is None:
        return f"import {names[0]}"
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH and not spread:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def _name_order(name: str) -> int:
    return 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2


def _joined(head: str, imports: list[str], placed: list[Statement]) -> str:
    parts = [head] if head else []
    parts += ["", *imports] if parts and imports else imports
    before: Statement | None = None
    for one in placed:
        parts += [""] * (_blank(before, one) if parts else 0)
        parts.append(f"{one.apart}{one.text}")
        before = one
    return "\n".join(parts) + "\n"


def _docstring(head: str) -> str:
    """The answer's docstring, less what it says to whoever composes it; the checks' ids and the mistake stay."""
    if f"\n{WITHOUT}:" not in head:
        return head
    quotes = head[-3:]
    text = _WITHOUT.sub("", head[:-3].rstrip())
    return text + ("\n" if "\n" in text[text.index(quotes) :] else "") + quotes


def _blank(before: Statement | None, one: Statement) -> int:
    """How many empty lines the formatter wants between two statements."""
    if before is None:
        return 2 if one.defines else max(1, one.blank)
    return 2 if before.defines or one.defines else one.blank


# --- what an author may have mistyped


def _check_without(path: Path, answer: str, without: Sequence[str], base: _Module) -> None:
    known = {name for one in base.body for name in _called(one)} | {entry.bound for entry in base.imports}
    for name in without:
        if name not in known:
            found = re.search(rf"^{WITHOUT}:", answer, re.MULTILINE)
            line = answer.count("\n", 0, found.start()) + 1 if found else 1
            what = f"`{WITHOUT}:` names {name!r}, which the solution does not have"
            raise Malformed(path, line, what, _meant(name, known, "name what stands in the solution."))


def _check_new(path: Path, new: list[Statement], placed: list[Statement], base: _Module) -> None:
    """An addition that nothing uses was meant to replace something."""
    known = {name for one in base.body for name in one.names}
    for one in new:
        others = {name for other in placed if other is not one for name in other.used}
        if one.names and not one.names & others and not _acts(one):
            name = sorted(one.names)[0]
            what = f"`{name}` replaces nothing of the solution, and nothing uses it"
            raise Malformed(path, one.node.lineno, what, _meant(name, known, "use it, or take it out."))


def _acts(one: Statement) -> bool:
    """Whether a statement does something by standing there: it is decorated, it calls, or pytest finds it."""
    node = one.node
    if any(name.startswith(_COLLECTED) for name in one.names):
        return True
    if isinstance(node, _DEFINITIONS):
        return bool(node.decorator_list)
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return True
    stored = any("." in name or "[" in name for name in one.names)  # into an object that others have
    return stored or any(isinstance(inner, ast.Call | ast.Await) for inner in ast.walk(node))


def _meant(name: str, known: Iterable[str], otherwise: str) -> str:
    from difflib import get_close_matches  # a judge composes nothing for a learner

    near = get_close_matches(name, sorted(known), 1, 0.5)
    return f"did you mean `{near[0]}`?" if near else otherwise
