"""The symptom index: every error message and log line of the course, with its cause, its cure and its lesson."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..symptoms.index import Symptom
from .markdown import anchor, code, plain

_INTRO = """\
# Symptoms

Paste an error message, a log line or a whole traceback.
Names and numbers may differ; nothing leaves your browser.

<form class="explain" hidden>
<label for="explain">The text as you see it</label>
<textarea id="explain" rows="4" spellcheck="false"></textarea>
<p role="status"></p>
</form>

In a terminal, `sessionlab explain "TEXT"` does the same.
"""


def symptom_page(symptoms: Iterable[Symptom], lessons: Path) -> str:
    """Return the page's Markdown; `lessons` is the folder that the links are relative to."""
    return "\n".join([_INTRO, *(_one(symptom, lessons) for symptom in symptoms)])


def _one(symptom: Symptom, lessons: Path) -> str:
    return (
        f"## {code(symptom.text)} {{ #{_id(symptom)} .symptom }}\n\n"
        f"**Cause.** {symptom.cause}\n\n**Cure.** {symptom.cure}\n\n{_lesson(symptom, lessons)}\n"
    )


def _id(symptom: Symptom) -> str:
    return "-".join([symptom.lesson[:2], *anchor(symptom.text).split("-")[:8]])


def _lesson(symptom: Symptom, lessons: Path) -> str:
    name = plain(symptom.lesson[3:].replace("_", " "))
    if symptom.page is None:
        return f"Lesson {symptom.lesson[:2]}, {name}, is still to be written.\n{{ .facts }}\n"
    link = symptom.page.relative_to(lessons).as_posix()
    return f"[Lesson {symptom.lesson[:2]}, {name}]({link})\n{{ .facts }}\n"
