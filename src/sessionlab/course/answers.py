"""A lesson's answers: honest mistakes with the checks that must catch them, and other ways to be right."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from .composition import WITHOUT, compose
from .errors import Malformed
from .lesson import DATABASES, Lesson

KINDS = ("wrong", "right")

_Value = TypeVar("_Value")

WHOLE = "whole"

_KEYS = rf"(?:fails|mistake)(?: on \w+)?|{WITHOUT}|{WHOLE}"
_KEY = re.compile(rf"({_KEYS}):(.*)", re.DOTALL)
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\[\]-]*")
_NAME = re.compile(r"[^\W\d]\w*(\.\w+)*")
_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
_SHAPE = (
    "the docstring ends with `fails: <check ids, with commas>` and, where one is named, `mistake: CODE`; what "
    "differs on one database stands in lines of its own, as in `fails on sqlite: <check ids>`."
)
_WHOLE_HINT = f"write the solution first, or `{WHOLE}: yes` where the file stands by itself."


@dataclass(frozen=True)
class Answer:
    """A submission whose verdict is known, written as what it changes in the lesson's solution.

    `belief` is the docstring's text: what the author of a wrong answer believes, or in what a right answer
    is unlike the solution. `fails` are the ids of the checks that fail, none for a right answer; `mistake`
    is the code of the mistake that the verdict names, if it names one. Both are of every database that has no
    entry of its own in `fails_on` and `mistake_on`. `without` are the solution's names that it leaves out; one that
    is `whole` has nothing in common with the solution, and stands as it is.
    """

    path: Path
    belief: str
    fails: tuple[str, ...] = ()
    mistake: str | None = None
    fails_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mistake_on: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    whole: bool = False

    def source(self) -> bytes:
        """Return the source that is graded: composed with the solution, unless the answer is whole.

        Raises:
            Malformed: it does not fit the solution, as `compose` says, or there is no solution.
        """
        own = self.path.read_bytes()
        if self.whole:
            return own
        folder = self.path.absolute().parents[1]
        solution = folder.parents[2] / "solutions" / f"{folder.name}.py"
        if not solution.is_file():
            raise Malformed(self.path, 1, f"there is no {solution} to compose the answer with", _WHOLE_HINT)
        return compose(self.path, own.decode(), solution.read_text("utf-8"), self.without).encode()

    def on(self, database: str) -> tuple[tuple[str, ...], str | None]:
        """Return the checks that fail on a database, and the mistake that is named there."""
        return self.fails_on.get(database, self.fails), self.mistake_on.get(database, self.mistake)

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """The file's name without `.py`."""
        return self.path.stem


def answers(lesson: Lesson) -> list[Answer]:
    """Return the lesson's answers, the wrong ones first, by name; raises Malformed."""
    _nothing_astray(lesson.answers)
    return [read_answer(path) for kind in KINDS for path in sorted((lesson.answers / kind).glob("*.py"))]


def read_answer(path: Path) -> Answer:
    """Return the answer that a file in a folder `wrong` or `right` is; raises Malformed."""
    text, line = _docstring(path)
    belief, keys = _split(path, line, text)
    without = _without(path, line, keys.pop(WITHOUT, None))
    whole = _whole(path, line, keys.pop(WHOLE, None))
    if without and whole:
        raise Malformed(path, line, f"a whole answer leaves nothing out `{WITHOUT}`", "keep one of the keys.")
    if not belief:
        raise Malformed(path, line, "the docstring says nothing about the answer", _needed(path))
    if path.parent.name == "right":
        if keys:
            raise Malformed(
                path, line, "a right answer fails no check and has no mistake", "take the keys out."
            )
        return Answer(path, belief, without=without, whole=whole)
    fails = {key: _fails(path, line, key, value) for key, value in keys.items() if key.startswith("fails")}
    mistakes = {key: _mistake(path, line, key, value) for key, value in keys.items() if key not in fails}
    if not fails:
        raise Malformed(path, line, "the docstring of a wrong answer names no check that fails", _SHAPE)
    return Answer(
        path,
        belief,
        fails.get("fails", ()),
        mistakes.get("mistake"),
        _by_database(fails),
        _by_database(mistakes),
        without,
        whole,
    )


def submitted(path: Path) -> bytes:
    """Return the source of a submission: composed for an answer in a course's `checks/answers`, else the file's own.

    Raises:
        Malformed: it is an answer, and not as one should be.
        OSError: it can't be read.
    """
    place = path.absolute().parts[-5:-1]
    if place[:2] == ("checks", "answers") and place[-1] in KINDS and path.suffix == ".py":
        return read_answer(path).source()
    return path.read_bytes()


def _by_database(keys: Mapping[str, _Value]) -> dict[str, _Value]:
    return {key.partition(" on ")[2]: value for key, value in keys.items() if " on " in key}


def _nothing_astray(folder: Path) -> None:
    for path in sorted(folder.glob("**/*.py")):
        if path.parent.parent != folder or path.parent.name not in KINDS:
            hint = f"move it to {folder / 'wrong'} or {folder / 'right'}."
            raise Malformed(path, 1, "nobody runs an answer in this place", hint)


def _docstring(path: Path) -> tuple[str, int]:
    try:
        module = ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        what = f"the answer does not parse: {error.msg}"
        raise Malformed(path, error.lineno or 1, what, "an answer is a whole module.") from None
    except ValueError as error:  # a null byte, on Python 3.11
        raise Malformed(
            path, 1, f"the answer does not parse: {error}", "an answer is a whole module."
        ) from None
    text = ast.get_docstring(module)
    if text is None:
        raise Malformed(path, 1, "the answer has no docstring", _needed(path))
    return text, module.body[0].lineno


def _needed(path: Path) -> str:
    if path.parent.name == "right":
        return "the docstring says in what the answer is unlike the solution."
    return f"the docstring states the belief; {_SHAPE}"


def _split(path: Path, line: int, text: str) -> tuple[str, dict[str, str]]:
    """The text above the keys, and the keys; a line that is no key goes on with the key above it."""
    above, *found = re.split(rf"^(?=(?:{_KEYS}):)", text, flags=re.MULTILINE)
    keys: dict[str, str] = {}
    for key, value in _keys(found):
        if key in keys:
            raise Malformed(path, line, f"the docstring has `{key}:` twice", "keep one.")
        if " on " in key and key.partition(" on ")[2] not in DATABASES:
            hint = f"known are {', '.join(DATABASES)}."
            raise Malformed(path, line, f"`{key}:` names no database", hint)
        keys[key] = value
    return above.strip(), keys


def _keys(found: list[str]) -> Iterator[tuple[str, str]]:
    for piece in found:
        match = _KEY.match(piece)
        if match:
            yield match[1], " ".join(match[2].split())


def _fails(path: Path, line: int, key: str, value: str) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in value.split(","))
    for name in ids:
        if not _ID.fullmatch(name):
            raise Malformed(path, line, f"`{key}:` holds {name!r}, which is no check's id", _SHAPE)
    if len(set(ids)) < len(ids):
        raise Malformed(path, line, f"`{key}:` names a check twice", "keep one.")
    return ids


def _mistake(path: Path, line: int, key: str, value: str) -> str:
    if not _CODE.fullmatch(value):
        hint = "write one code of the suite's MISTAKES, such as NO_CLOSE, or leave `mistake:` out."
        raise Malformed(path, line, f"`{key}:` holds {value!r}, which is no code", hint)
    return value


def _without(path: Path, line: int, value: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    names = tuple(part.strip() for part in value.split(","))
    for name in names:
        if not _NAME.fullmatch(name):
            hint = "write names of the solution, with commas."
            raise Malformed(path, line, f"`{WITHOUT}:` holds {name!r}, which is no name", hint)
    if len(set(names)) < len(names):
        raise Malformed(path, line, f"`{WITHOUT}:` names a definition twice", "keep one.")
    return names


def _whole(path: Path, line: int, value: str | None) -> bool:
    if value not in (None, "yes"):
        hint = f"write `{WHOLE}: yes`, or leave the key out."
        raise Malformed(path, line, f"`{WHOLE}:` holds {value!r}", hint)
    return value == "yes"
