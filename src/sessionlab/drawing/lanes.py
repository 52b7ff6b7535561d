"""A trace in the lanes of a terminal: time runs down, a lane each for a request, a session, a connection.

A lane begins with the number of what it stands for and ends where that ends: a connection that is still out
has a lane that goes on to the last line.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..recorder import trace as kinds
from ..recorder.trace import Trace
from .findings import Finding, findings
from .rows import Row, rows
from .spans import FAMILIES, Span, in_lanes, spans
from .wording import says, shortened

if TYPE_CHECKING:
    from rich.text import Text

_TO_DATABASE = (
    kinds.BEGIN, kinds.STATEMENT, kinds.SAVEPOINT, kinds.RELEASE, kinds.ROLLBACK_TO, kinds.COMMIT_SENT,
    kinds.COMMIT_DONE, kinds.COMMIT_FAILED, kinds.ROLLBACK,
)  # fmt: skip
_CELL = 3
_GAP = 2


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """The characters that a picture is drawn with."""

    bar: str
    answered: str
    end: str
    here: str
    tee: str
    line: str
    cross: str
    head: str
    answer: str
    more: str
    note: str


_UNICODE = _Glyphs("│", "┊", "┴", "●", "├", "─", "┼", "▶", "◀", "…", "←")
_ASCII = _Glyphs("|", ":", "+", "o", "+", "-", "+", ">", "<", "...", "<-")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    style: str = ""


def lanes(trace: Trace, width: int = 80, unicode: bool = True) -> list[str]:
    """Return a trace as lines for a terminal of `width` columns, without colour.

    What somebody should look at has a `!` beside its step, and is said in full below the lanes. With
    `unicode=False` the lines hold nothing but ASCII.
    """
    return [line.text for line in _Drawing(trace, max(width, 40), unicode).lines()]


def lanes_text(trace: Trace, width: int = 80, unicode: bool = True) -> Text:
    """Return what `lanes` does, with styles, for rich's console."""
    from rich.text import Text

    drawn = _Drawing(trace, max(width, 40), unicode).lines()
    return Text("\n").join(Text(line.text, style=line.style) for line in drawn)


class _Group:
    """The lanes of one family, side by side."""

    def __init__(self, name: str, placed: list[Span]) -> None:
        self.name = name
        self.placed = placed
        self.lanes = max((span.lane + 1 for span in placed), default=0)

    @property
    def width(self) -> int:
        return max(len(self.name), self.lanes * _CELL) + _GAP if self.lanes else 0

    def at(self, lane: int, first: int, last: int) -> Span | None:
        """Return the span that a lane shows from one step to another."""
        mine = (span for span in self.placed if span.lane == lane)
        return next((span for span in mine if span.covers(first) or span.covers(last)), None)

    def has_lane(self, number: int, n: int) -> bool:
        return any(s.number == number and s.covers(n) and s.lane < self.lanes for s in self.placed)


class _Drawing:
    """One trace, laid out for one width."""

    def __init__(self, trace: Trace, width: int, unicode: bool) -> None:
        self.trace, self.width, self.unicode = trace, width, unicode
        self.glyphs = _UNICODE if unicode else _ASCII
        self.rows = rows(trace)
        self.steps = max(2, len(str(max((event.n for event in trace), default=0))))
        self.groups = self._groups()
        self.answered = {e.request: e.n for e in reversed(trace.of(kinds.RESPONSE_STARTED))}

    @property
    def room(self) -> int:
        """The columns that the text may take."""
        return self.width - self.steps - 3 - sum(group.width for group in self.groups.values())

    def lines(self) -> list[_Line]:
        if not self.rows:
            return [_Line("nothing was recorded")]
        body = [line for row in self.rows for line in self._row(row)]
        said = [line for finding in findings(self.trace) for line in self._finding(finding)]
        return [self._header(), *body, *([_Line("")] if said else []), *said]

    def _groups(self) -> dict[str, _Group]:
        shown = [row for row in self.rows if not row.left_out]
        groups = {}
        for family in FAMILIES:
            numbers = {n for row in shown if (n := row.number(family)) is not None}
            groups[family] = _Group(family, in_lanes(spans(self.trace, family), numbers))
        groups["request"].name = self._caller()
        _fit(groups, self.width // 2 - self.steps)
        return groups

    def _caller(self) -> str:
        started = {event.kind for event in self.trace.of(kinds.CALL_STARTED, kinds.REQUEST_STARTED)}
        return {frozenset({kinds.CALL_STARTED}): "call"}.get(frozenset(started), "request")

    def _header(self) -> _Line:
        names = "".join(f"{group.name:<{group.width}}" for group in self.groups.values() if group.lanes)
        return _Line(f"{'':{self.steps + 3}}{names}".rstrip(), "bold")

    def _row(self, row: Row) -> list[_Line]:
        style = "bold red" if row.alerts else "dim" if row.left_out else ""
        text = self._words(row)
        step = "" if row.left_out else str(row.n)
        head = f"{step:>{self.steps}} {'!' if row.alerts else ' '} {self._lanes(row)}"
        fits = self.room - 4
        note = self._note(row)
        if note and len(text) + len(note) + 2 <= self.room:
            return [_Line(f"{head}{text}  {note}", style)]
        first = _Line(f"{head}{shortened(text, self.room, self.glyphs.more)}".rstrip(), style)
        below = f"{'':{self.steps + 3}}{self._lanes(row, quiet=True)}"
        more = [_Line(f"{below}{line}", style) for line in _wrapped(note, self.room)] if note else []
        return [first, *more] if fits else [first]

    def _words(self, row: Row) -> str:
        said = says(row)
        where = row.events[-1].where or row.events[0].where
        if row.has(kinds.CHECKED_OUT, kinds.CONNECTION_WANTED) and not row.left_out and where:
            at, file = f"{said} at {where}", f"{said} at {where.file}:{where.line}"
            said = at if len(at) <= self.room - 4 or len(file) > self.room else file
        return self._plain(self._nameless(row) + said)

    def _nameless(self, row: Row) -> str:
        """Return who it was, where no lane says so."""
        if row.left_out:
            return ""
        for family in reversed(FAMILIES):
            number = row.number(family)
            if number is not None:
                return "" if self.groups[family].has_lane(number, row.n) else f"{family} {number}: "
        return ""

    def _note(self, row: Row) -> str:
        notes = dict.fromkeys(finding.note for finding in row.alerts if finding.note)
        return self._plain(f"{self.glyphs.note} {', '.join(notes)}") if notes else ""

    def _plain(self, text: str) -> str:
        if self.unicode:
            return text
        known = text.replace("…", "...").replace("–", "-")
        return known.encode("ascii", "backslashreplace").decode("ascii")

    def _finding(self, finding: Finding) -> list[_Line]:
        lines = textwrap.wrap(self._plain(finding.line), self.width - 2, break_on_hyphens=False)
        return [_Line(f"{'!' if at == 0 else ' '} {line}", "bold red") for at, line in enumerate(lines)]

    # --- the lanes of one row

    def _lanes(self, row: Row, quiet: bool = False) -> str:
        """Return the lanes of a row; of a quiet one, only that they go on."""
        quiet = quiet or bool(row.left_out)
        cells = ""
        start = 0
        for family, group in self.groups.items():
            drawn = "".join(f"{self._cell(row, family, lane, quiet):<{_CELL}}" for lane in range(group.lanes))
            if family == "connection" and not quiet:
                start = self._arrow_start(row, len(cells))
            cells += f"{drawn:<{group.width}}"
        return self._arrow(cells, start) if start else cells

    def _cell(self, row: Row, family: str, lane: int, quiet: bool) -> str:
        group, first, last = self.groups[family], row.events[0].n, row.events[-1].n
        span = group.at(lane, last if quiet else first, last)
        if span is None or (quiet and span.end is not None and span.end <= last):
            return ""
        if quiet or row.number(family) != span.number:
            return self._bar(family, span, last)
        return self._mark(row, family, span, last)

    def _mark(self, row: Row, family: str, span: Span, last: int) -> str:
        if span.end is not None and span.start < span.end <= last:
            return self.glyphs.end
        several = self.groups[family].lanes > 1
        name = str(span.number) if several or row.n <= span.start <= last else ""
        if family == "request" and row.has(kinds.RESPONSE_STARTED):
            return name + self.glyphs.answer
        if family == "connection" and not name and row.has(kinds.ERROR, kinds.CONNECTED):
            return self.glyphs.here
        return name or (self.glyphs.here if self._is_subject(row, family) else self._bar(family, span, last))

    def _is_subject(self, row: Row, family: str) -> bool:
        return family == next((f for f in reversed(FAMILIES) if row.number(f) is not None), None)

    def _bar(self, family: str, span: Span, n: int) -> str:
        answered = self.answered.get(span.number) if family == "request" else None
        return self.glyphs.answered if answered is not None and n > answered else self.glyphs.bar

    def _arrow_start(self, row: Row, offset: int) -> int:
        """Return the column from which an arrow leads to the database, or 0."""
        number = row.number("connection")
        if number is None or not row.has(*_TO_DATABASE) or not self.groups["connection"].has_lane(number, row.n):
            return 0
        lane = next(s.lane for s in self.groups["connection"].placed if s.number == number and s.covers(row.n))
        return offset + lane * _CELL + 1

    def _arrow(self, cells: str, start: int) -> str:
        g = self.glyphs
        before, after = cells[:start], cells[start:]
        if before.endswith(g.here):
            before = before[:-1] + g.tee
        line = "".join(g.cross if c == g.bar else g.line if c == " " else c for c in after)
        return f"{before}{line[:-2]}{g.head} "


def _fit(groups: dict[str, _Group], room: int) -> None:
    """Shorten the names, then draw fewer lanes, until the lanes leave room for the text."""
    if sum(group.width for group in groups.values()) > room:
        for group in groups.values():
            group.name = group.name[:3]
    while sum(group.width for group in groups.values()) > room:
        widest = max(groups.values(), key=lambda group: group.lanes)
        if widest.lanes <= 1:
            return
        widest.lanes -= 1


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ") if text else []
