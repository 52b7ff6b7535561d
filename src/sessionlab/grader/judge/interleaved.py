"""A call of the submission and a transaction of the judge's beside it, in an order that the judge chooses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ...drawing.columns import Step
from ...drawing.statement import filled
from ..verdict_document import Failed
from . import diagnosis
from .host import CALL_SECONDS, Gate, Host, Running
from .outcomes import Outcome
from .script import HELD, Script
from .transaction import Ran, Transaction

_GLANCE = 0.002  # seconds that a step gets before somebody asks whether it waits


@dataclass(frozen=True)
class Turn:
    """A moment at which the judge may act: the call is held before its `number`th statement or COMMIT.

    Or, if `waits`, it has sent that one and waits for the judge's transaction.
    """

    number: int
    text: str
    waits: bool = False


class Interleaved:
    """One call, held before each of its statements and COMMITs, and a transaction of the judge's.

    `turns()` yields each moment, at which the judge may `write` and `commit`. When the block that it was made for
    has ended, what the judge began is committed, `outcome` is what came of the call, `ran` of each write.
    Of a check's interleavings the last `telling` one is kept for pages to show, or else the last.
    """

    def __init__(self, host: Host, other: Transaction, target: str, args: tuple[Any, ...]) -> None:
        self.ran: list[Ran] = []
        self.telling = False
        self._host, self._other = host, other
        self._script = Script()
        self._gate: Gate = host.gate(*HELD)
        self._running: Running = host.start(target, *args)
        self.waiting = False  # the judge's statement, for the call
        self._wanted = ""
        self._outcome: Outcome | None = None

    # --- the call

    def turns(self) -> Iterator[Turn]:
        """Yield each moment until the call has ended; after each it goes on.

        Raises:
            Failed: the submission is stuck, has ended its process, or has not written this part.
        """
        while (turn := self._next()) is not None:
            yield turn
            if not turn.waits:
                self._go()

    def _next(self) -> Turn | None:
        number = self._script.gone + 1
        while not self._gate.glance(self._running, _GLANCE if self._other.open else CALL_SECONDS):
            if self._running.done or not self._running.pending.remaining():
                self._outcome = self._running.result()
                return None
            if self._other.open and self._other.blocks():
                self._script.waits()
                return Turn(number - 1, "", waits=True)
        self._script.held()
        self._look_after_the_other()
        return Turn(number, self._gate.text)

    def _go(self) -> None:
        self._script.goes()
        self._gate = self._host.gate_after(self._gate, *HELD)

    @property
    def outcome(self) -> Outcome:
        """What came of the call.

        Raises:
            RuntimeError: it has not ended: ask when the block is over.
        """
        if self._outcome is None:
            raise RuntimeError("the call has not ended yet")
        return self._outcome

    def end(self) -> None:
        """See the call through to its end, and commit what the judge has begun."""
        for turn in self.turns():
            if turn.waits:
                self.commit()
        if self.waiting:
            self._finish()
        if self.open:
            self.commit()

    def _finish(self) -> None:
        try:
            self._other.finish()
        except TimeoutError as error:
            failed = diagnosis.lock_kept(self._wanted, str(error))
            raise Failed(failed.observed, failed.expected, failed.mistake, steps=self.steps()) from None
        self._look_after_the_other()

    def close(self) -> None:
        """Let the call go, however far it came."""
        if self._host.process.alive:
            self._gate.release()

    # --- the judge

    @property
    def open(self) -> bool:
        """Whether the judge has written and not committed."""
        return self._other.open

    def write(self, sql: str, *parameters: Any, commit: bool = True) -> bool:
        """Run a statement in the judge's transaction, and commit; return False where it has to wait for the call.

        Raises:
            RuntimeError: the one before still waits: there is one other process, not two.
        """
        if self.waiting:
            raise RuntimeError(f"{self._wanted!r} still waits for the call")
        self.waiting = not self._other.run(sql, *parameters, commit=commit)
        self._wanted = filled(sql, repr(parameters))
        text = self._wanted + ("\nCOMMIT" if commit else "")
        if self.waiting:
            self._script.other(text, "", blocked=True)
        else:
            self._note(text)
        return not self.waiting

    def commit(self) -> None:
        """Commit what the judge has written."""
        self._other.commit()
        self._script.other("COMMIT", "")

    def _look_after_the_other(self) -> None:
        """Note the end of a statement that had to wait."""
        if self.waiting and self._other.settle():
            self.waiting = False
            self._note("(goes on)")

    def _note(self, text: str) -> None:
        self.ran.append(self._other.finish())
        self._script.other(text, str(self.ran[-1]))

    # --- what is told of it

    def steps(self) -> list[Step]:
        """Return what happened, step by step, with what each step saw."""
        outcome = self.outcome
        came = f"returns {outcome.result}" if outcome.error is None else f"raises {_short(outcome)}"
        return self._script.steps(self._host.trace(request=outcome.request), came)


def _short(outcome: Outcome) -> str:
    assert outcome.error is not None
    lines = outcome.error.text.strip().splitlines()
    return f"{outcome.error.name}: {lines[0]}" if lines else outcome.error.name


@contextmanager
def interleaved(host: Host, database: Any, target: str, *args: Any) -> Iterator[Interleaved]:
    """Yield a call of a function of the submission and the judge's transaction; both have ended afterwards."""
    with database.transaction() as other:
        made = Interleaved(host, other, target, args)
        try:
            yield made
            made.end()
        finally:
            made.close()
