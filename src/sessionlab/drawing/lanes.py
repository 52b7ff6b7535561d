"""A trace in the lanes of a terminal: time runs down, a lane each for a request, a session, a connection.

A lane begins with the number of what it stands for and ends where that ends: a connection that is still out
has a lane that goes on to the last line.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..recorder import trace as kinds
from ..recorder.trace import Trace
from .event_text import says
from .findings import Finding, findings
from .grid import ASCII, UNICODE, Grid
from .rows import Row, rows
from .statement import shortened

if TYPE_CHECKING:
    from rich.text import Text

_NARROWEST = 40
_FOR_WORDS = 50  # an INSERT with two columns, and "checked out at exercise.py:31 in get_db"
_WRAPPED = (kinds.ERROR, kinds.COMMIT_FAILED, kinds.INVALIDATED, kinds.CALL_DONE)
_MOST_LINES = 3
_NUMBER = re.compile(r"(?<=[a-z,]) (?=\d)")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    style: str = ""


def lanes(trace: Trace, width: int = 80, unicode: bool = True) -> list[str]:
    """Return a trace as lines for a terminal of `width` columns (at least 40), without colour.

    What somebody should look at has a `!` beside its step, and is said in full below the lanes. With
    `unicode=False` the lines hold nothing but ASCII.
    """
    return [line.text for line in _Drawing(trace, width, unicode).lines()]


def lanes_text(trace: Trace, width: int = 80, unicode: bool = True) -> Text:
    """Return what `lanes` does, with styles, for rich's console."""
    from rich.text import Text

    drawn = _Drawing(trace, width, unicode).lines()
    return Text("\n").join(Text(line.text, style=line.style) for line in drawn)


class _Drawing:
    """One trace, laid out for one width."""

    def __init__(self, trace: Trace, width: int, unicode: bool) -> None:
        self.trace, self.unicode = trace, unicode
        self.width = max(width, _NARROWEST)
        self.glyphs = UNICODE if unicode else ASCII
        self.rows = rows(trace)
        self.steps = max(2, len(str(max((event.n for event in trace), default=0))))
        left = self.width - self.steps - 3
        self.grid = Grid(trace, self.rows, left, _FOR_WORDS, self.glyphs)
        self.room = left - self.grid.width

    def lines(self) -> list[_Line]:
        """Return the headings, the rows and what somebody should look at."""
        if not self.rows:
            return [_Line("nothing was recorded")]
        body = [line for row in self.rows for line in self._row(row)]
        said = [line for finding in findings(self.trace) for line in self._finding(finding)]
        return [self._headings(), *body, *([_Line("")] if said else []), *said]

    def _headings(self) -> _Line:
        return _Line(f"{'':{self.steps + 3}}{self.grid.headings()}".rstrip(), "bold")

    def _row(self, row: Row) -> list[_Line]:
        style = "bold red" if row.alerts else "dim" if row.left_out else ""
        step = "" if row.left_out else str(row.n)
        head = f"{step:>{self.steps}} {'!' if row.alerts else ' '} {self.grid.cells(row)}"
        below = f"{'':{self.steps + 3}}{self.grid.cells(row, quiet=True)}"
        first, *others = self._words(row)
        lines = (head + first, *(below + other for other in others))
        return [_Line(_cut(line, self.width), style) for line in lines]

    def _words(self, row: Row) -> list[str]:
        """Return what stands beside the lanes: the row's words, and a note on the same line if it fits."""
        lines = self._said(row)
        note = self._note(row)
        if note and len(lines[-1]) + 2 + len(note) <= self.room:
            return [*lines[:-1], f"{lines[-1]}  {note}"]
        return lines + self._wrapped(note)

    def _said(self, row: Row) -> list[str]:
        who = self.grid.nameless(row) if not row.left_out else ""
        said = f"{who}: {says(row)}" if who else says(row)
        where = row.events[-1].where or row.events[0].where
        if where and row.has(kinds.CHECKED_OUT, kinds.CONNECTION_WANTED) and not row.left_out:
            return self._with_place(said, f"at {where}", f"at {where.file}:{where.line}")
        if row.has(*_WRAPPED) and not row.left_out:
            return self._wrapped(said) or [""]
        return [shortened(self._plain(said), self.room, self.glyphs.more)]

    def _with_place(self, said: str, *places: str) -> list[str]:
        """Return the words and the longest name of the place that fits beside them, or below."""
        beside = [both for place in places if len(both := self._plain(f"{said} {place}")) <= self.room]
        return beside[:1] or [*self._wrapped(said), *self._wrapped(places[0])]

    def _note(self, row: Row) -> str:
        notes = dict.fromkeys(finding.note for finding in row.alerts if finding.note)
        return f"{self.glyphs.note} {', '.join(notes)}" if notes else ""

    def _wrapped(self, text: str) -> list[str]:
        lines = textwrap.wrap(self._plain(text), self.room, subsequent_indent="  ", break_on_hyphens=False)
        if len(lines) > _MOST_LINES:
            last = shortened(" ".join(lines[_MOST_LINES - 1 :]), self.room, self.glyphs.more)
            return [*lines[: _MOST_LINES - 1], last]
        return lines

    def _plain(self, text: str) -> str:
        if self.unicode:
            return text
        known = text.replace("…", "...").replace("–", "-")
        return known.encode("ascii", "backslashreplace").decode("ascii")

    def _finding(self, finding: Finding) -> list[_Line]:
        line = _NUMBER.sub("\N{NO-BREAK SPACE}", self._plain(finding.line))
        lines = textwrap.wrap(f"! {line}", self.width, subsequent_indent="  ", break_on_hyphens=False)
        return [_Line(line.replace("\N{NO-BREAK SPACE}", " "), "bold red") for line in lines]


def _cut(line: str, width: int) -> str:
    """Return a line in no more cells than a terminal has: a character may take two of them."""
    from rich.cells import cell_len, set_cell_size

    return (line if cell_len(line) <= width else set_cell_size(line, width)).rstrip()
