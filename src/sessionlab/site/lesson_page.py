"""What stands at the top of a lesson's page: the belief, the minutes, what to do before, and the ways on."""

from __future__ import annotations

import re

from ..course.lesson import Lesson
from .markdown import plain

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_TITLE = re.compile(r"^# .+$", re.MULTILINE)


def with_facts(lesson: Lesson, markdown: str, lab: bool, gallery: bool) -> str:
    """Return a lesson's page with the lesson's facts below its title.

    `lab` and `gallery` say whether the lesson has these pages.
    """
    return _TITLE.sub(lambda match: f"{match[0]}\n\n{_facts(lesson, lab, gallery)}", markdown, count=1)


def _facts(lesson: Lesson, lab: bool, gallery: bool) -> str:
    facts = [f"{lesson.minutes} minutes", databases(lesson), *needs(lesson, "../")]
    ways = ["[Lab](lab.md)"] if lab else []
    ways += ["[Exercise](#the-exercise)"]
    ways += ["[Wrong answers](wrong-answers.md)"] if gallery else []
    return (
        f"“{plain(lesson.belief)}”\n{{ .belief }}\n\n"
        f"<small>{' · '.join([f'Lesson {lesson.number}', *facts])} — {' · '.join(ways)}</small>\n"
    )


def databases(lesson: Lesson) -> str:
    """Return the names of a lesson's databases, as in "SQLite and PostgreSQL"."""
    return " and ".join(_NAMES[name] for name in lesson.database)


def needs(lesson: Lesson, up: str) -> list[str]:
    """Return what to do before, as one piece of Markdown or none; `up` leads to the folder of the lessons."""
    before = [f"[{slug[:2]}]({up}{slug}/README.md)" for slug in lesson.prerequisites]
    return [f"after {', '.join(before)}"] if before else []
