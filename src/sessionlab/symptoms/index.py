"""Reads the symptoms where they stand: in the lessons' pages, and of lessons to come in `lessons/symptoms.md`.

In a lesson's page, and in `symptoms.md` below a heading `## 20 threads_and_pool` that names the lesson:

    ### `the text as the library prints it`
    - cause: what happened.
    - cure: what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..course.errors import Malformed
from ..course.lesson import Lesson, lessons

SECTION = "Symptoms"
_TO_COME = re.compile(r"## ([0-9]{2})[ _]([a-z0-9_]+)\s*$")
_TEXT = re.compile(r"### (?P<ticks>`+)(?P<text>.+?)(?P=ticks)\s*$")
_KEY = re.compile(r"- (cause|cure):\s*(.*)$")
_SHAPE = "a symptom is a heading ### `the library's text`, then a line `- cause: …` and a line `- cure: …`."


@dataclass(frozen=True)
class Symptom:
    """One text that people see, why they see it, and what to do about it.

    `lesson` is the slug of the lesson that treats it, which may still have to be written; `page` is the lesson's page,
    None for such a one. `path` and `line` are where it stands.
    """

    text: str
    cause: str
    cure: str
    lesson: str
    page: Path | None
    path: Path
    line: int


def symptoms(course: Path) -> list[Symptom]:
    """Return the symptoms in the order of their lessons; raises Malformed."""
    written = [lesson for lesson in lessons(course) if lesson.readme.is_file()]
    found = [symptom for lesson in written for symptom in of_lesson(lesson)]
    return sorted([*found, *to_come(course)], key=lambda symptom: symptom.lesson[:2])


def of_lesson(lesson: Lesson) -> list[Symptom]:
    """Return the symptoms in a lesson's page; raises Malformed."""
    lines = lesson.readme.read_text("utf-8").splitlines()
    start = next((n for n, line in enumerate(lines, 1) if line.strip() == f"## {SECTION}"), len(lines))
    end = next((n for n, line in enumerate(lines[start:], start) if line.startswith("## ")), len(lines))
    return list(_read(lesson.readme, lines[start:end], start, lesson.slug, lesson.readme))


def to_come(course: Path) -> list[Symptom]:
    """Return the symptoms of lessons that are still to be written; raises Malformed."""
    path = course / "lessons" / "symptoms.md"
    if not path.is_file():
        return []
    lines = path.read_text("utf-8").splitlines()
    heads = [(n, match) for n, line in enumerate(lines, 1) if (match := _TO_COME.match(line))]
    ends = [n - 1 for n, _ in heads[1:]] + [len(lines)]
    return [
        symptom
        for (start, head), end in zip(heads, ends, strict=False)
        for symptom in _read(path, lines[start:end], start, f"{head[1]}_{head[2]}", None)
    ]


def _read(path: Path, lines: list[str], before: int, lesson: str, page: Path | None) -> Iterator[Symptom]:
    starts = [n for n, line in enumerate(lines) if line.startswith("### ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        line = before + start + 1
        text = _TEXT.match(lines[start])
        if text is None:
            raise Malformed(path, line, "the heading of a symptom is no text in backticks", _SHAPE)
        keys = _keys(path, line, lines[start + 1 : end])
        yield Symptom(text["text"].strip(), keys["cause"], keys["cure"], lesson, page, path, line)


def _keys(path: Path, line: int, lines: list[str]) -> dict[str, str]:
    """A line that begins no key goes on with the key above it."""
    found: dict[str, str] = {}
    key = ""
    for text in filter(str.strip, lines):
        match = _KEY.match(text)
        key = match[1] if match else key
        if not key or (match and key in found):
            raise Malformed(path, line, f"{text.strip()!r} is no line of a symptom", _SHAPE)
        found[key] = f"{found.get(key, '')} {match[2] if match else text.strip()}".strip()
    for name in ("cause", "cure"):
        if not found.get(name):
            raise Malformed(path, line, f"the symptom has no {name}", _SHAPE)
    return found
