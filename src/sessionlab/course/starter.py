"""A starter is its solution with the answers taken out.

In a solution, `# region answer: <label>` … `# endregion` wraps the whole body of a function, or a block
without which the module still imports. In the starter `# TODO: <label>` stands there instead, and under it
`raise NotImplementedError("<label>")` where otherwise a body would be empty (a docstring alone is empty), or
a function would have lost its last `return` with a value, or its last `yield`.
`# region solution only` … `# endregion` goes without a trace. All else stays as it is, byte for byte.

`python -m sessionlab.course.starter` writes the starters of the course; with `--check` it compares them.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from .errors import Malformed, WrongUse
from .lesson import Lesson, find_lesson, lessons
from .root import find_course
from .whole_files import replace

_MARK = re.compile(r"#\s*(?P<end>end)?region\b\s*(?P<about>.*)")
_ANSWER = re.compile(r"answer\s*:\s*(?P<label>.*)")
_TODO = re.compile(r"^[ \t]*# TODO: (.+?)[ \t\r]*$", re.MULTILINE)
_QUIET = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SHAPE = (
    "write `# region answer: <label>` or `# region solution only`, then `# endregion`, each on its own line."
)


@dataclass(frozen=True)
class _Region:
    """The lines (from 1) of a region's two marks, their column, and what to do; no label: solution only."""

    start: int
    end: int
    column: int
    label: str | None

    def holds(self, node: ast.stmt | ast.expr) -> bool:
        return self.start < node.lineno and (node.end_lineno or node.lineno) < self.end


def derive(solution_source: str, filename: str) -> str:
    """Return the starter's source; raises Malformed, with the line, where regions are not as they should."""
    tree = _parse(solution_source, filename, "the solution does not parse", 0)
    regions = _regions(solution_source, filename)
    if not any(region.label for region in regions):
        raise Malformed(filename, 1, "the solution has no region with an answer", _SHAPE)
    raising = {*_emptied(tree, regions, filename), *_valueless(tree, regions)}
    source = "".join(_lines(solution_source, regions, raising))
    hint = "a region wraps whole statements, and leaves a body at least a docstring, or `pass`."
    _parse(source, filename, "with the answers taken out the module does not parse", regions[0].start, hint)
    return source


def first_todo(source: str) -> str | None:
    """Return the label of the first TODO that is left, or None."""
    found = _TODO.search(source)
    return found[1] if found else None


def derived(lesson: Lesson) -> str:
    """Return the starter that the lesson's solution yields; raises Malformed."""
    try:
        source = lesson.solution.read_bytes().decode("utf-8")
    except OSError as error:
        hint = "a lesson has a solution, which its starter is derived from."
        raise Malformed(lesson.solution, 1, f"the solution can't be read: {error.strerror}", hint) from None
    except UnicodeDecodeError:
        raise Malformed(lesson.solution, 1, "the solution is not UTF-8", "save it as UTF-8.") from None
    return derive(source, str(lesson.solution))


def _parse(source: str, filename: str, what: str, line: int, hint: str = "mend it first.") -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError) as error:
        place = line or getattr(error, "lineno", None) or 1
        raise Malformed(filename, place, f"{what}: {getattr(error, 'msg', error)}", hint) from None


def _source_lines(source: str) -> list[str]:
    return io.StringIO(source, newline="").readlines()  # splitlines() would split at form feeds, too


def _regions(source: str, filename: str) -> list[_Region]:
    tokens = list(tokenize.generate_tokens(iter([*_source_lines(source), ""]).__next__))
    regions: list[_Region] = []
    opened: tokenize.TokenInfo | None = None
    for mark in (token for token in tokens if token.type == tokenize.COMMENT and _MARK.match(token.string)):
        ends = _MARK.sub(r"\g<end>", mark.string) == "end"
        _in_place(mark, opened, ends, filename)
        if opened is not None:
            regions.append(_region(opened, mark, tokens, filename))
        opened = None if ends else mark
    if opened is not None:
        raise Malformed(filename, opened.start[0], "the region has no `# endregion`", _SHAPE)
    return regions


def _in_place(mark: tokenize.TokenInfo, opened: tokenize.TokenInfo | None, ends: bool, filename: str) -> None:
    line = mark.start[0]
    if mark.line[: mark.start[1]].strip():
        raise Malformed(filename, line, "the mark stands behind code", _SHAPE)
    if ends and opened is None:
        raise Malformed(filename, line, "`# endregion` ends no region", _SHAPE)
    if not ends and opened is not None:
        raise Malformed(
            filename, line, f"this region begins in the one of line {opened.start[0]}", "end that first."
        )


def _region(
    opened: tokenize.TokenInfo, ended: tokenize.TokenInfo, tokens: list[tokenize.TokenInfo], filename: str
) -> _Region:
    region = _Region(opened.start[0], ended.start[0], opened.start[1], _label(opened, filename))
    code = [
        token for token in tokens if region.start < token.start[0] < region.end and token.type not in _QUIET
    ]
    if region.label and not code:
        raise Malformed(
            filename, region.start, "the region holds no code", "an answer is at least one statement."
        )
    columns = {ended.start[1], *(token.start[1] for token in code[:1])}
    if columns != {region.column}:
        what = "the region's two marks and its first statement are not indented alike"
        raise Malformed(filename, region.start, what, "indent the marks like the code between them.")
    return region


def _label(opened: tokenize.TokenInfo, filename: str) -> str | None:
    mark = _MARK.match(opened.string)
    about = mark["about"].strip() if mark else ""
    answer = _ANSWER.fullmatch(about)
    if answer and answer["label"]:
        return answer["label"]
    if about == "solution only":
        return None
    what = "the region has no label" if about.rstrip(": ") == "answer" else f"{about!r} is no kind of region"
    raise Malformed(filename, opened.start[0], what, _SHAPE)


def _emptied(tree: ast.Module, regions: list[_Region], filename: str) -> Iterator[_Region]:
    """The regions that leave a body empty; a function can then raise, another body has to keep something."""
    for owner, suite, in_function in _suites(tree):
        holders = [_holder(statement, regions) for statement in suite]
        kept = [statement for statement, holder in zip(suite, holders, strict=True) if holder is None]
        emptying = [region for region in holders if region and region.column == suite[0].col_offset]
        if not emptying or (kept and not (isinstance(owner, _FUNCTIONS) and all(map(_is_idle, kept)))):
            continue
        if not in_function and not isinstance(owner, ast.Module):
            what = "without the answer this body is empty, and the module could not be imported"
            raise Malformed(
                filename, emptying[0].start, what, "keep a docstring, or `pass`, outside the region."
            )
        yield from emptying if in_function else ()


def _suites(node: ast.AST, in_function: bool = False) -> Iterator[tuple[ast.AST, list[ast.stmt], bool]]:
    """Each list of statements with what it belongs to, and whether it runs only when a function is called."""
    in_function = in_function or isinstance(node, _FUNCTIONS)
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield node, value, in_function
    for child in ast.iter_child_nodes(node):
        yield from _suites(child, in_function)


def _is_idle(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _holder(node: ast.stmt | ast.expr, regions: list[_Region]) -> _Region | None:
    return next((region for region in regions if region.holds(node)), None)


def _valueless(tree: ast.Module, regions: list[_Region]) -> Iterator[_Region]:
    """The regions that hold every value a function returns or yields: it would silently return None."""
    for function in (node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)):
        holders = [_holder(node, regions) for node in _values(function)]
        if _holder(function, regions) is None and all(holders):
            yield from (region for region in holders if region)


def _values(function: ast.AST) -> Iterator[ast.stmt | ast.expr]:
    for node in ast.iter_child_nodes(function):
        if isinstance(node, (ast.Yield, ast.YieldFrom)) or (isinstance(node, ast.Return) and node.value):
            yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            yield from _values(node)


def _lines(source: str, regions: list[_Region], raising: set[_Region]) -> Iterator[str]:
    lines = _source_lines(source)
    done = 0
    for region in regions:
        yield from lines[done : region.start - 1]
        done = region.end
        if region.label:
            yield from _replacement(region, lines[region.start - 1], region in raising)
        elif not "".join(lines[region.start - 2 : region.start - 1]).strip():
            while done < len(lines) and not lines[done].strip():
                done += 1
    yield from lines[done:]


def _replacement(region: _Region, mark: str, raises: bool) -> Iterator[str]:
    indent, end = mark[: region.column], mark[len(mark.rstrip("\r\n")) :]
    yield f"{indent}# TODO: {region.label}{end}"
    if raises:
        escaped = (region.label or "").replace("\\", "\\\\").replace('"', '\\"')
        yield f'{indent}raise NotImplementedError("{escaped}"){end}'


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the starters, or compare them; returns 0, 1 where one differs, 2 where one can't be derived."""
    from argparse import ArgumentParser  # the command line reads TODOs alone

    parser = ArgumentParser(
        "python -m sessionlab.course.starter", description="Derive starters from solutions."
    )
    parser.add_argument("lesson", nargs="*", help="number, slug or path; all lessons if none is named")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 where a starter differs"
    )
    options = parser.parse_args(arguments)
    try:
        course = find_course()
        chosen = [find_lesson(course, name) for name in options.lesson] or lessons(course)
        differing = [lesson for lesson in chosen if _bring_up(lesson, options.check)]
    except WrongUse as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if differing and options.check else 0


def _bring_up(lesson: Lesson, check: bool) -> bool:
    """Return whether the starter differs from what its solution yields; show how, or write it."""
    source = derived(lesson)
    old = _old(lesson.starter)
    if old == source:
        return False
    if check:
        name = lesson.starter.relative_to(lesson.course).as_posix()
        diff = unified_diff(
            (old or "").splitlines(), source.splitlines(), name, "derived from the solution", lineterm=""
        )
        print("\n".join(diff))
    else:
        replace(lesson.starter, source.encode())
        print(f"wrote {lesson.starter.relative_to(lesson.course).as_posix()}")
    return True


def _old(starter: Path) -> str | None:
    try:
        return starter.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())
