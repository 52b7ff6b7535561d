"""A verdict and a trace as a notebook shows them: HTML or a diagram, and the same as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from ..course.elapsed import ago
from ..grader.feedback import MARKS, told
from ..grader.learner_check import Checked
from ..grader.verdict_document import BROKEN, FAILED, PASSED, SKIPPED, Check
from .attempt import Attempt
from .html import as_html

_LEFT = "text-align: left; vertical-align: top"
_PRINTED = 40  # lines of what the learner's code printed


class ShownVerdict:
    """A verdict with its heading; `unchanged` says that the check before was on the same source."""

    def __init__(self, attempt: Attempt, checked: Checked, unchanged: bool) -> None:
        self.verdict = checked.verdict
        self._heading = [f"{attempt.name}, saved {_saved(attempt)}"]
        if checked.outdated:
            self._heading += [
                "It was saved again while it was checked: this verdict is on the version before."
            ]
        elif unchanged:
            self._heading += ["It has not changed since the check before: has your editor saved it?"]

    @property
    def summary(self) -> str:
        """One line: how many checks have passed, and which one to look at first."""
        passed = sum(check.state == PASSED for check in self.verdict.checks)
        total = len(self.verdict.expected)
        first = self.verdict.first_failure
        if self.verdict.state == PASSED:
            return f"{self.verdict.lesson}: passed, all {total} checks"
        look = "" if first is None else f"; look at {first.id} first"
        return f"{self.verdict.lesson}: {passed} of {total} checks passed{look}"

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield from self._heading
        for check in self.verdict.checks:
            lines = [line for _, line in told(check, trace=False)]
            yield from lines if check is self.verdict.first_failure else lines[:1]
        yield self.summary

    def _repr_html_(self) -> str:
        first = self.verdict.first_failure
        heading = "<br>".join(map(escape, self._heading))
        parts = [
            f"<p><strong>{escape(self.summary)}</strong><br>{heading}</p>",
            *(_unfolded(check, check is first) for check in self.verdict.checks),
        ]
        return "".join(parts)


def _saved(attempt: Attempt) -> str:
    try:
        return ago(attempt.submission.stat().st_mtime)
    except OSError:
        return "and gone since"


def _line(check: Check) -> str:
    because = f" (not judged, because {check.because} did not pass)" if check.state == SKIPPED else ""
    return as_html(f"{MARKS[check.state]} {check.id} · {check.title}{because}")


def _unfolded(check: Check, first: bool) -> str:
    """Return a check in a line, under which a failure unfolds; the first one is unfolded already."""
    if check.state not in (FAILED, BROKEN):
        return f"<div>{_line(check)}</div>"
    state = " open" if first else ""
    return f"<details{state}><summary>{_line(check)}</summary>{_whole(check)}</details>"


def _whole(check: Check) -> str:
    """Return all about a check that failed, in the order in which one reads it."""
    mistake = check.mistake or {}
    section = mistake.get("section")
    texts = {
        "observed": check.observed,
        "expected": check.expected,
        "likely mistake": mistake.get("text", ""),
        "read": f"README, “{section}”" if section else "",
    }
    rows = "".join(_row(label, text) for label, text in texts.items() if text)
    return f"<table><tbody>{rows}</tbody></table>{_printed(check)}{_traceback(check)}"


def _row(label: str, text: str) -> str:
    head = f'<th scope="row" style="{_LEFT}">{label}</th>'
    return f'<tr>{head}<td style="{_LEFT}; white-space: pre-wrap">{as_html(text)}</td></tr>'


def _printed(check: Check) -> str:
    lines = check.printed.strip().splitlines()
    more = [] if len(lines) <= _PRINTED else [f"… and {len(lines) - _PRINTED} lines more"]
    text = escape("\n".join([*lines[:_PRINTED], *more]))
    return f"<p>Your code printed:</p><pre>{text}</pre>" if lines else ""


def _traceback(check: Check) -> str:
    if not check.detail:
        return ""
    return f"<details><summary>traceback</summary><pre>{escape(check.detail)}</pre></details>"


class Watching:
    """The checks as they are judged: the judge tells it of each, and it shows how far that is."""

    def __init__(self, attempt: Attempt, show: Callable[[Any], None] | None = None) -> None:
        self._lesson = attempt.lesson.slug
        self._show = show
        self._judged: list[str] = []

    def __call__(self, check: str, state: str) -> None:
        """Take down one check's state."""
        self._judged.append(f"{MARKS.get(state, state)} {check}")
        if self._show is not None:
            self._show(self)

    def __repr__(self) -> str:
        return f"checking {self._lesson} …  {'  '.join(self._judged)}".rstrip()


class Said:
    """A few sentences, written as Markdown."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text.replace("**", "")

    def _repr_markdown_(self) -> str:
        return self._text


def heading_of_trace(check: Check) -> Said:
    """Return what stands above the trace of a check."""
    return Said(f"What your code did in **{check.id}**:")
