"""The lanes of a terminal picture: one row of cells for each row of a trace, one column a lane."""

from __future__ import annotations

from dataclasses import dataclass

from ..recorder import trace as kinds
from ..recorder.trace import Trace
from .rows import Row
from .spans import FAMILIES, Span, in_lanes, spans

TO_DATABASE = (
    kinds.BEGIN, kinds.STATEMENT, kinds.SAVEPOINT, kinds.RELEASE, kinds.ROLLBACK_TO, kinds.COMMIT_SENT,
    kinds.COMMIT_DONE, kinds.COMMIT_FAILED, kinds.ROLLBACK, kinds.DRIVER_SENT,
)  # fmt: skip
_CELL = 3
_HEADINGS = (
    ("request", "session", "connection"),
    ("request", "session", "conn."),
    ("req.", "sess.", "conn."),
)


@dataclass(frozen=True, slots=True)
class Glyphs:
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


UNICODE = Glyphs("│", "┊", "┴", "●", "├", "─", "┼", "▶", "◀", "…", "←")
ASCII = Glyphs("|", ":", "+", "o", "+", "-", "+", ">", "<", "...", "<-")


class Lanes:
    """The lanes of one family, side by side."""

    def __init__(self, family: str, placed: list[Span]) -> None:
        self.family = family
        self.heading = family
        self.placed = placed
        self.count = max((span.lane + 1 for span in placed), default=0)

    @property
    def width(self) -> int:
        """The columns that the lanes take, with the gap behind them."""
        return max(len(self.heading) + 2, self.count * _CELL + 1) if self.count else 0

    def at(self, lane: int, first: int, last: int) -> Span | None:
        """Return the span that a lane shows from one step to another; the later one if two meet."""
        mine = [s for s in self.placed if s.lane == lane and (s.covers(first) or s.covers(last))]
        return mine[-1] if mine else None

    def of(self, number: int | None, n: int) -> Span | None:
        """Return the span of a request, session or connection at step n, if it has a lane."""
        mine = (s for s in self.placed if s.number == number and s.covers(n) and s.lane < self.count)
        return next(mine, None)


class Grid:
    """All lanes of a trace, with headings that leave `text` columns of `width` for words, if they can.

    At most half of the width is lanes; what has none is named in words.
    """

    def __init__(self, trace: Trace, rows: list[Row], width: int, text: int, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.answered = {e.request: e.n for e in reversed(trace.of(kinds.RESPONSE_STARTED))}
        self.groups = [Lanes(family, _placed(trace, rows, family)) for family in FAMILIES]
        self.calls = not trace.of(kinds.REQUEST_STARTED)
        self._fit(width, text)

    @property
    def width(self) -> int:
        """The columns that the grid takes."""
        return sum(group.width for group in self.groups)

    def headings(self) -> str:
        """Return the line above the lanes."""
        return "".join(f"{group.heading:<{group.width}}" for group in self.groups if group.count)

    def nameless(self, row: Row) -> str:
        """Return who did what a row says, if no lane tells: "session 12"; "" if one does."""
        for group in reversed(self.groups):
            number = row.number(group.family)
            if number is not None:
                shown = any(group.of(number, event.n) for event in row.events)
                return "" if shown else f"{group.family} {number}"
        return ""

    def cells(self, row: Row, quiet: bool = False) -> str:
        """Return the lanes of a row; of a quiet one, only that they go on."""
        quiet = quiet or bool(row.left_out)
        drawn = "".join(f"{self._group(group, row, quiet):<{group.width}}" for group in self.groups)
        return drawn if quiet else self._with_arrow(drawn, row)

    def _fit(self, width: int, text: int) -> None:
        for headings in _HEADINGS:
            for group, heading in zip(self.groups, headings, strict=True):
                group.heading = heading.replace("request", "call") if self.calls else heading
            if self.width <= width - text:
                return
        while self.width > width // 2 and any(group.count > 1 for group in self.groups):
            max(self.groups, key=lambda group: group.count).count -= 1

    def _group(self, group: Lanes, row: Row, quiet: bool) -> str:
        return "".join(f"{self._cell(group, lane, row, quiet):<{_CELL}}" for lane in range(group.count))

    def _cell(self, group: Lanes, lane: int, row: Row, quiet: bool) -> str:
        first, last = row.events[0].n, row.events[-1].n
        span = group.at(lane, last if quiet else first, last)
        if span is None or (quiet and span.end is not None and span.end <= last):
            return ""
        if quiet or row.number(group.family) != span.number:
            return self._bar(group, span, last)
        return self._mark(group, span, row)

    def _mark(self, group: Lanes, span: Span, row: Row) -> str:
        """Return what a lane shows where something happens in it: a number, if a bar would tell less."""
        last = row.events[-1].n
        if span.end is not None and span.start < span.end <= last:
            return self.glyphs.end
        begins = row.n <= span.start <= last
        name = str(span.number) if begins or group.count > 1 else ""
        if group.family == "request" and row.has(kinds.RESPONSE_STARTED):
            return name + self.glyphs.answer
        if name or not self._is_subject(group, row):
            return name or self._bar(group, span, last)
        return self.glyphs.here

    def _is_subject(self, group: Lanes, row: Row) -> bool:
        return group.family == next((f for f in reversed(FAMILIES) if row.number(f) is not None), None)

    def _bar(self, group: Lanes, span: Span, n: int) -> str:
        answered = self.answered.get(span.number) if group.family == "request" else None
        return self.glyphs.answered if answered is not None and n > answered else self.glyphs.bar

    def _with_arrow(self, cells: str, row: Row) -> str:
        """Draw the arrow that leads from a connection to the words that the database hears."""
        group = self.groups[-1]
        span = group.of(row.number("connection"), row.events[-1].n)
        if span is None or not row.has(*TO_DATABASE) or not row.sent:
            return cells
        at = self.width - group.width + span.lane * _CELL
        mark = cells[at : at + _CELL].strip().replace(self.glyphs.here, self.glyphs.tee)
        way = "".join(self._crossed(c) for c in cells[at + len(mark) : -2])
        return f"{cells[:at]}{mark}{way}{self.glyphs.head} "

    def _crossed(self, character: str) -> str:
        return {self.glyphs.bar: self.glyphs.cross, " ": self.glyphs.line}.get(character, character)


def _placed(trace: Trace, rows: list[Row], family: str) -> list[Span]:
    shown = {n for row in rows if not row.left_out and (n := row.number(family)) is not None}
    return in_lanes(spans(trace, family), shown)
