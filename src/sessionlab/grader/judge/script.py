"""The script of an interleaving: who did what in which order, and what each step saw."""

from __future__ import annotations

from dataclasses import replace

from ...drawing.columns import Step
from ...drawing.interleaving import sent
from ...recorder.trace import COMMIT_SENT, STATEMENT, Trace

OTHER = "another process"
HELD = (STATEMENT, COMMIT_SENT)


class Script:
    """Who did what in which order; what the call sent and saw is filled in from its trace afterwards."""

    def __init__(self) -> None:
        # A step of the judge's; the number of what the call sent; or None, where the call came to its next hold.
        self._order: list[Step | int | None] = []
        self._waited: set[int] = set()
        self.gone = 0

    def goes(self) -> None:
        """The call sends what it was held before."""
        self.gone += 1
        self._order.append(self.gone)

    def held(self) -> None:
        """The call has come to where it is held next."""
        self._order.append(None)

    def waits(self) -> None:
        """What the call has sent waits for the judge."""
        self._waited.add(self.gone)

    def other(self, text: str, saw: str, blocked: bool = False) -> None:
        """The judge does something."""
        self._order.append(Step(OTHER, text, saw, blocked))

    def steps(self, trace: Trace, came: str) -> list[Step]:
        """Return the steps of both, with those of the call out of its trace; `came` is what came of it."""
        told = _by_held(trace)
        actor = told[0][0].actor if told else "your code"
        steps: list[Step] = []
        later: list[Step] = []
        for place in self._order:
            if isinstance(place, Step):
                steps.append(place)
            elif place is None:
                steps, later = steps + later, []
            elif told:
                first, *rest = told.pop(0)
                waited = place in self._waited
                steps.append(replace(first, blocked=True, saw="") if waited else first)
                later = [Step(actor, "(goes on)", first.saw), *rest] if waited else rest
        return [*steps, *later, *(step for group in told for step in group), Step(actor, came)]


def _by_held(trace: Trace) -> list[list[Step]]:
    """Return what a call sent, each thing that it was held before with what followed by itself."""
    groups: list[list[Step]] = []
    for event, step in sent(trace):
        if event.kind in HELD:
            groups.append([step])
        elif groups:
            groups[-1].append(step)
    return groups
