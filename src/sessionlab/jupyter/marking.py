"""Predictions beside what happened: a table for a notebook, and the same as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..recorder.trace import Event, Trace
from .html import as_html
from .questions import QUESTIONS

RIGHT, WRONG, UNSET = "right", "wrong", "not predicted"
_MARKS = {RIGHT: "✓", WRONG: "✗", UNSET: "–"}
_STEPS_SHOWN = 6


@dataclass(frozen=True)
class Mark:
    """One prediction as the trace marks it: what was asked, predicted and so, and the steps that show it."""

    asks: str
    predicted: list[str]
    was: list[str]
    verdict: str
    steps: str = ""


def mark(name: str, predicted: Any, trace: Trace) -> Mark:
    """Return how a trace marks a prediction: one of QUESTIONS, or `order`."""
    if name == "order":
        return _order(predicted, trace)
    question = QUESTIONS[name]
    events = question.events(trace)
    was = question.answer(events)
    verdict = UNSET if predicted is ... else RIGHT if predicted == was else WRONG
    return Mark(question.asks, [_told(predicted)], [_told(was)], verdict, _steps(events))


def _told(value: Any) -> str:
    if value is ...:
        return UNSET
    if value is True or value is False:
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _steps(events: Sequence[Event]) -> str:
    numbers = [str(event.n) for event in events]
    shown = ", ".join(numbers[:_STEPS_SHOWN]) + (", …" if len(numbers) > _STEPS_SHOWN else "")
    return "" if not numbers else f"step {shown}" if len(numbers) == 1 else f"steps {shown}"


def _order(predicted: Any, trace: Trace) -> Mark:
    """Mark the order in which kinds of event are first seen; what never happened has no place in it."""
    given = [] if predicted is ... else list(predicted)
    kinds = [kind for kind in given if kind is not ...]
    seen = {event.kind: event for event in reversed(trace.events) if event.kind in kinds}
    was = sorted(seen, key=lambda kind: seen[kind].n)
    absent = [f"{kind}: never" for kind in kinds if kind not in seen]
    verdict = UNSET if len(given) > len(kinds) or not given else RIGHT if kinds == was else WRONG
    steps = _steps([seen[kind] for kind in was])
    return Mark("order", [UNSET] if verdict == UNSET else kinds, [*was, *absent], verdict, steps)


@dataclass(frozen=True)
class Marked:
    """The predictions of one experiment, marked. Jupyter shows it as a table."""

    marks: list[Mark]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__

    def _lines(self) -> Iterator[str]:
        asks = max(len(mark.asks) for mark in self.marks)
        told = max(len(text) for mark in self.marks for text in (*mark.predicted, "you predicted"))
        was = max(len(text) for mark in self.marks for text in (*mark.was, "it was"))
        yield f"  {'':<{asks}}  {'you predicted':<{told}}  {'it was':<{was}}"
        for mark in self.marks:
            yield from (line.rstrip() for line in _text_rows(mark, asks, told, was))
        yield from self._advice()

    def _advice(self) -> Iterator[str]:
        if any(mark.verdict == UNSET for mark in self.marks):
            yield "Not predicted yet: put your answer in the place of `...`, and run the cell again."

    def _repr_html_(self) -> str:
        rows = "".join(map(_html_row, self.marks))
        heads = "".join(_cell(head, "col") for head in ("marked", "prediction", "you predicted", "it was"))
        advice = "".join(f"<p>{as_html(line)}</p>" for line in self._advice())
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{advice}"


def _text_rows(mark: Mark, asks: int, told: int, was: int) -> Iterator[str]:
    for number in range(max(len(mark.predicted), len(mark.was))):
        first = number == 0
        cells = [texts[number] if number < len(texts) else "" for texts in (mark.predicted, mark.was)]
        name, sign, steps = (mark.asks, _MARKS[mark.verdict], mark.steps) if first else ("", " ", "")
        yield f"{sign} {name:<{asks}}  {cells[0]:<{told}}  {cells[1]:<{was}}  {steps}"


def _html_row(mark: Mark) -> str:
    """Return a row of the table; steps are left out, since a diagram does not number them."""
    said = as_html(f"{_MARKS[mark.verdict]} {mark.verdict}" if mark.verdict != UNSET else _MARKS[UNSET])
    cells = (said, _lines_of(mark.predicted), _lines_of(mark.was))
    return f"<tr>{_cell(cells[0])}{_cell(as_html(mark.asks), 'row')}{''.join(map(_cell, cells[1:]))}</tr>"


def _cell(html: str, head_of: str = "") -> str:
    tag, scope = ("th", f' scope="{head_of}"') if head_of else ("td", "")
    return f'<{tag}{scope} style="text-align: left; vertical-align: top">{html}</{tag}>'


def _lines_of(texts: list[str]) -> str:
    if len(texts) == 1:
        return as_html(texts[0])
    return f'<ol style="margin-top: 0">{"".join(f"<li>{as_html(text)}</li>" for text in texts)}</ol>'
