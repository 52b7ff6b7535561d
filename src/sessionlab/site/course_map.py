"""The map of the course: its parts and lessons, each with its belief, its minutes and what to do before."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from ..course.lesson import PARTS, Lesson
from .lesson_page import databases, needs
from .markdown import plain

MARK = "<!-- the map of the course -->"


def course_map(lessons: Iterable[Lesson]) -> str:
    """Return the map's Markdown."""
    parts = groupby(lessons, key=lambda lesson: lesson.part)
    return "\n".join(_part(number, list(found)) for number, found in parts)


def _part(number: int, lessons: list[Lesson]) -> str:
    minutes = sum(lesson.minutes for lesson in lessons)
    head = f"### Part {number} · {PARTS[number]} <small>{minutes} minutes</small>\n"
    return "\n".join([head, '<div class="map" markdown>\n', *map(_lesson, lessons), "\n</div>\n"])


def _lesson(lesson: Lesson) -> str:
    facts = " · ".join([f"{lesson.minutes} minutes", databases(lesson), *needs(lesson, "")])
    title = f"[**{lesson.number}** {plain(lesson.title)}]({lesson.slug}/README.md)"
    return f"- {title}<br>“{plain(lesson.belief)}”<br><small>{facts}</small>"
