"""A trace as a Mermaid sequence diagram: https://mermaid.js.org/syntax/sequenceDiagram.html."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from ..recorder import trace as kinds
from ..recorder.trace import Event, Trace, Where
from .escape import for_mermaid
from .event_text import says
from .findings import Finding, findings
from .grid import TO_DATABASE
from .participants import Participants
from .rows import Row, rows
from .spans import Span, spans
from .statement import shortened

_STATEMENT, _ERROR, _LINE = 41, 66, 20
# Mermaid's own measures make five participants a thousand pixels wide; a page's column has less.
_MEASURES = (
    '%%{init: {"sequence": {"mirrorActors": MIRROR, "width": 90, "height": 44, "actorMargin": 20, '
    '"boxMargin": 6, "noteMargin": 8, "messageMargin": 26, "diagramMarginX": 8, "diagramMarginY": 8}}}%%'
)
_IN_SESSION = {
    kinds.SESSION_OPENED: "open",
    kinds.SESSION_RESET: "reset",
    kinds.SESSION_CLOSED: "close",
}
_OF_POOL = (kinds.CHECKED_OUT, kinds.CHECKED_IN, kinds.INVALIDATED, kinds.CONNECTED)
_BEGINS = (kinds.REQUEST_STARTED, kinds.CALL_STARTED)
_ANSWERS = (kinds.RESPONSE_STARTED, kinds.BODY, kinds.RESPONSE_DONE, kinds.REQUEST_DONE, kinds.CALL_DONE)
_NEVER_ENDED = {"still out": ("connection", "checked out at"), "never closed": ("session", "opened at")}
_BESIDE = (
    "COMMIT after the response started", "still waiting for a connection", "waited for a connection",
    "stops the event loop",
)  # fmt: skip
# Mermaid refuses more than 50,000 characters (maxTextSize), and nobody reads a diagram of a thousand rows.
_FIRST, _LAST = 100, 40
_SHORT = 32
_EVERYBODY = "{everybody}"
_TIED = "\N{NO-BREAK SPACE}"


def mermaid(trace: Trace) -> str:
    """Return a trace as the text of a Mermaid `sequenceDiagram`; the same trace gives the same text.

    A connection's bar lasts from its check-out to its check-in. What somebody should look at is a note.
    """
    return "\n".join(_Diagram(trace).lines()) + "\n"


class _Diagram:
    """One trace: what its participants send each other."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.rows = rows(trace)
        self.who = Participants(trace, self.rows)
        self.bars: dict[str, Span | None] = {}
        self.check_outs = {span.start: span for span in spans(trace, "connection")}

    def lines(self) -> list[str]:
        """Return the diagram's lines."""
        body = [line for row in _at_most(self.rows) for line in self._row(row)]
        body += [note for finding in findings(self.trace) for note in self._never_ended(finding) if note]
        body += [line for name in sorted(self.bars) for line in self._deactivate(name)]
        if not self.rows:
            body = [_note(self.who.app(Row(())), "nothing was recorded")]
        drawn = (*self.who.declared(), *self._over_all(body))
        # Mermaid draws no lifeline longer than 2000 pixels but between names above and names below.
        measures = _MEASURES.replace("MIRROR", "true" if len(drawn) > _SHORT else "false")
        return [measures, "sequenceDiagram", *(f"    {line}" for line in drawn)]

    def _over_all(self, body: list[str]) -> list[str]:
        names = self.who.names()
        everybody = names[0] if len(names) == 1 else f"{names[0]},{names[-1]}"
        return [line.replace(_EVERYBODY, everybody) for line in body]

    def _row(self, row: Row) -> list[str]:
        if row.left_out:
            return [f"Note over {_EVERYBODY}: {for_mermaid(row.left_out)}"]
        return [*self._overdue(row), *self._said(row), *self._noted(row)]

    def _overdue(self, row: Row) -> list[str]:
        """Return the ends of the bars whose check-in is not shown."""
        ends = {name: bar.end for name, bar in self.bars.items() if bar and bar.end is not None}
        return [line for name in sorted(ends) if ends[name] < row.n for line in self._deactivate(name)]

    def _said(self, row: Row) -> list[str]:
        """Return the lines for a row, by what it is about."""
        if row.has(*TO_DATABASE):
            return self._to_database(row)
        if row.has(*_OF_POOL):
            return self._of_pool(row)
        if row.has(kinds.CONNECTION_WANTED):
            return self._wanted(row)
        if row.has(kinds.ERROR):
            return self._error(row)
        return self._in_app(row) if row.number("session") is None else self._in_session(row)

    # --- connections

    def _to_database(self, row: Row) -> list[str]:
        if not row.sent:
            return [_note(self.who.connection(row), says(row))]
        failed = row.has(kinds.COMMIT_FAILED)
        said = shortened(says(row), _ERROR if failed else _STATEMENT)
        return [_message(self.who.connection(row), "-x" if failed else "->>", self.who.database(), said)]

    def _of_pool(self, row: Row) -> list[str]:
        worker, connection = self.who.session(row), self.who.connection(row)
        if row.has(kinds.CHECKED_OUT):
            place = _where(row.events[-1].where or row.events[0].where)
            out = _message(worker, "->>", connection, "check out", place)
            return [*self._deactivate(connection), out, *self._activate(connection, row)]
        if row.has(kinds.CONNECTED):
            return [_message(connection, "->>", self.who.database(), "connect")]
        if row.has(kinds.INVALIDATED) or row.events[0].data.get("collected"):
            return [_note(connection, shortened(says(row), _ERROR)), *self._deactivate(connection)]
        said = "check in, close" if row.has(kinds.SESSION_CLOSED) else "check in"
        return [_message(worker, "->>", connection, said), *self._deactivate(connection)]

    def _activate(self, connection: str, row: Row) -> list[str]:
        self.bars[connection] = self.check_outs.get(row.events[-1].n)
        return [f"activate {connection}"]

    def _deactivate(self, connection: str) -> list[str]:
        if connection not in self.bars:
            return []
        del self.bars[connection]
        return [f"deactivate {connection}"]

    def _wanted(self, row: Row) -> list[str]:
        """Return nothing for who gets a connection at once: the check-out follows."""
        if not row.alerts:
            return []
        return [
            _message(self.who.session(row), "->>", self.who.pool(), says(row), _where(row.events[0].where))
        ]

    def _error(self, row: Row) -> list[str]:
        said = shortened(says(row), _ERROR)
        if row.number("connection") is not None:
            return [_message(self.who.database(), "--x", self.who.connection(row), said)]
        if row.events[0].data.get("wanted") is not None:
            return [_message(self.who.pool(), "--x", self.who.session(row), said)]
        return [_note(self.who.session(row), said)]

    # --- sessions and requests

    def _in_session(self, row: Row) -> list[str]:
        session, kind = self.who.session(row), row.kinds[0]
        if kind not in _IN_SESSION:
            return [_message(session, "->>", session, says(row))]
        opens_one_more = kind == kinds.SESSION_OPENED and self.who.shared("session", row.number("session"))
        which = f" session {row.number('session')}" if opens_one_more else ""
        return [_message(self.who.app(row), "->>", session, _IN_SESSION[kind] + which)]

    def _in_app(self, row: Row) -> list[str]:
        app, said = self.who.app(row), shortened(says(row), _ERROR)
        if row.has(*_BEGINS):
            several = self.who.shared("request", row.number("request"))
            which = f"request {row.number('request')}" if several else ""
            return [_message(self.who.outside(row), "->>", app, said, which)]
        if row.has(kinds.CALLED, kinds.CALL_RETURNED):
            handed_in = row.number("request") in self.who.functions
            return [_message(app, "->>", self.who.outside(row) if handed_in else app, said)]
        return self._answer(row, app) if row.has(*_ANSWERS) else [_note(app, said)]

    def _answer(self, row: Row, app: str) -> list[str]:
        raised = any(event.data.get("error") for event in row.events)
        answered = self.trace.first(kinds.RESPONSE_STARTED, request=row.number("request"))
        if row.kinds == (kinds.REQUEST_DONE,) and answered and not raised:
            return []
        said = shortened(says(row).removesuffix(", request done"), _ERROR)
        return [_message(app, "--x" if raised else "-->>", self.who.outside(row), said)]

    # --- what somebody should look at

    def _noted(self, row: Row) -> list[str]:
        """Return the notes that belong beside a row; what was never ended is noted at the end."""
        notes = [finding.note for finding in row.alerts if finding.what in _BESIDE]
        return [_note(self.who.connection(row), note) for note in notes]

    def _never_ended(self, finding: Finding) -> list[str]:
        family, before = _NEVER_ENDED.get(finding.what, ("", ""))
        return [self._lost(finding.what, family, before, event) for event in finding.events if family]

    def _lost(self, what: str, family: str, before: str, event: Event) -> str:
        """Return the note about something lost, over what stands for it, or "" if nothing does."""
        name = self.who.standing(family, getattr(event, family))
        which = (
            f"session {event.session} "
            if family == "session" and self.who.shared("session", event.session)
            else ""
        )
        place = f"{before} {_where(event.where)}" if event.where else ""
        return _note(name, which + what, place) if name else ""


def _at_most(rows: list[Row]) -> list[Row]:
    if len(rows) <= _FIRST + _LAST:
        return rows
    cut = rows[_FIRST:-_LAST]
    return [
        *rows[:_FIRST],
        replace(cut[0], left_out=f"… steps {cut[0].n}–{cut[-1].n} left out"),
        *rows[-_LAST:],
    ]


def _where(where: Where | None) -> str:
    """Return the line of the program, to be broken before the function's name and nowhere else."""
    return f"{where.file}:{where.line} in{_TIED}{where.function}" if where else ""


def _message(sender: str, arrow: str, receiver: str, *texts: str) -> str:
    return f"{sender}{arrow}{receiver}: {_lines(*texts)}"


def _note(over: str, *texts: str) -> str:
    return f"Note over {over}: {_lines(*texts)}"


def _lines(*texts: str) -> str:
    """Return the texts with a line each, or more where a line would make the diagram wide."""
    lines = [line for text in texts for line in textwrap.wrap(text, _LINE, break_on_hyphens=False)]
    return "<br/>".join(for_mermaid(line.replace(_TIED, " ")) for line in lines) or "?"
