"""The symptom index: every error message and log line of the course, with its cause, its cure and its lesson."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..symptoms.index import Symptom
from .markdown import anchor, code, plain

_INTRO = """\
---
search:
  boost: 3
---
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
    by_text: dict[str, list[Symptom]] = {}
    for symptom in symptoms:
        by_text.setdefault(symptom.text, []).append(symptom)
    return "\n".join([_INTRO, *(_one(same, lessons) for same in by_text.values())])


def _one(same: list[Symptom], lessons: Path) -> str:
    """Several lessons may treat one symptom, each with a cause of its own."""
    first = same[0]
    address = "-".join([first.lesson[:2], *anchor(first.text).split("-")[:8]])
    causes = (
        f"**Cause.** {symptom.cause}\n\n**Cure.** {symptom.cure}\n\n{_lesson(symptom, lessons)}\n"
        for symptom in same
    )
    return "\n".join([f"## {code(first.text)} {{ #{address} .symptom }}\n", *causes])


def _lesson(symptom: Symptom, lessons: Path) -> str:
    name = plain(symptom.lesson[3:].replace("_", " "))
    if symptom.page is None:
        return f"<small>Lesson {symptom.lesson[:2]}, {name}, is still to be written.</small>\n"
    link = symptom.page.relative_to(lessons).as_posix()
    return f"<small>[Lesson {symptom.lesson[:2]}, {name}]({link})</small>\n"
