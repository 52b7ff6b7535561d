"""`sessionlab explain`: an error message or log line, pasted whole, gives its cause, its cure and its lesson."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ...course.errors import WrongUse
from ...course.workplace import Workplace
from ...symptoms.index import Symptom, symptoms
from ...symptoms.match import Match, Matcher
from .. import ending
from ..terminal.paths import short_path
from ..terminal.screen import is_terminal, say, say_prose

_MOST = 3  # symptoms: a log may show several, and a traceback those of its causes


def explain(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT",
            help="What you see, in quotes, or a file that holds it; without it, or as -, it is read from a pipe.",
        ),
    ] = None,
) -> int:
    """Say what an error message or log line means; exit with 1 if the course does not know it."""
    pasted = _pasted(text or [])
    matches = Matcher(symptoms(Workplace.here().course)).matches(pasted)
    found = list(dict.fromkeys(match.symptom.text for match in matches if match.is_it))
    if not found:
        _say_nearest(matches)
        return ending.NOT_PASSED
    for number, known in enumerate(found[:_MOST]):
        if number:
            say()
        _say_symptom([match.symptom for match in matches if match.symptom.text == known])
    return ending.PASSED


def _pasted(words: list[str]) -> str:
    piped = words in ([], ["-"])
    text = sys.stdin.read() if piped and not is_terminal(sys.stdin) else _read(" ".join(words))
    if text.strip(" -\n"):
        return text
    hint = 'paste the text in quotes, as in `sessionlab explain "database is locked"`, or pipe a log into it.'
    raise WrongUse("There is nothing to explain.", hint)


def _read(text: str) -> str:
    """Return what stands in the file of this name, such as a log; the text itself where there is none."""
    try:
        return Path(text).read_text("utf-8", "replace")
    except (OSError, ValueError):  # too long for a name, or a null byte: most messages name no file
        return text


def _say_symptom(same: list[Symptom]) -> None:
    """Write a symptom with each of its causes: several lessons may treat it."""
    say_prose(same[0].text, "bold")
    for symptom in sorted(same, key=lambda symptom: symptom.lesson):
        say()
        _say_part("cause", symptom.cause)
        _say_part("cure", symptom.cure)
        _say_part("lesson", _lesson(symptom))


def _say_part(name: str, text: str) -> None:
    say_prose(f"  {name:<8}{text}", indent=" " * 10)


def _lesson(symptom: Symptom) -> str:
    name = f"{symptom.lesson[:2]} {symptom.lesson[3:].replace('_', ' ')}"
    return f"{name}: {short_path(symptom.page)}" if symptom.page else f"{name}, still to be written"


def _say_nearest(matches: list[Match]) -> None:
    say("The course does not know this text.")
    say()
    if matches:
        say_prose("hint: the nearest that it knows is", indent="      ")
        say_prose(f"      {matches[0].symptom.text}", indent="      ")
    advice = "hint: paste the whole message, with the last line of the traceback; its names may differ."
    say_prose(advice, indent="      ")
