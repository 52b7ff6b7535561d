"""What a lesson's answers claim of its suite: the checks that fail and the mistakes that are named are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ..course.answers import Answer, answers
from ..course.errors import Malformed
from ..course.lesson import Lesson
from .general_mistakes import MISTAKES


def known_answers(lesson: Lesson) -> list[Answer]:
    """Return the lesson's answers, as `answers` does; raises Malformed where one names what the suite lacks."""
    found = answers(lesson)
    suite = ast.parse(lesson.suite.read_bytes(), str(lesson.suite))
    checks, mistakes = {"load", *_checks(suite)}, {*MISTAKES, *_mistakes(suite)}
    for answer in found:
        for name in (name for names in (answer.fails, *answer.fails_on.values()) for name in names):
            if name.partition("[")[0] not in checks:
                raise _unknown(answer, name, "check", checks)
        for code in (answer.mistake, *answer.mistake_on.values()):
            if code is not None and code not in mistakes:
                raise _unknown(answer, code, "mistake", mistakes)
    return found


def _checks(suite: ast.Module) -> Iterator[str]:
    functions = (node.name for node in suite.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return (name.removeprefix("test_") for name in functions if name.startswith("test_"))


def _mistakes(suite: ast.Module) -> Iterator[str]:
    """The keys of each dict that is assigned to MISTAKES; what is merged into it has its keys there, too."""
    for node in suite.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "MISTAKES" for target in targets):
            for inner in ast.walk(node):
                keys = inner.keys if isinstance(inner, ast.Dict) else []
                yield from (
                    key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                )


def _unknown(answer: Answer, name: str, what: str, known: Iterable[str]) -> Malformed:
    lines = answer.path.read_text("utf-8").splitlines()
    stands = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    line = next((number for number, text in enumerate(lines, 1) if stands.search(text)), 1)
    near = get_close_matches(name, sorted(known), 1, 0.5)
    hint = f"did you mean `{near[0]}`?" if near else f"the suite has {', '.join(sorted(known))}."
    return Malformed(answer.path, line, f"the suite has no {what} {name!r}", hint)
