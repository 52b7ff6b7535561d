"""How long a judge waits for the submission: the whole deadline once, and shortly where it hangs at a line again."""

from __future__ import annotations

from typing import Any

from ..deadline import asked_deadline
from .host_process import HostProcess, HostStuck, Pending

_SHORT = 1 / 8  # of the deadline


class Patience:
    """What has been found out about hanging in one verdict.

    A wait is cut short only once a check of the verdict has failed, and only at a line where the submission has been
    waited for in vain: no right answer on a busy machine can fall to that. A hang alone is not enough, since a file
    that is stuck while it loads is loaded once more.
    """

    def __init__(self) -> None:
        self.failed = False  # whether a check of the verdict has
        self._hung_at: set[str] = set()

    def answer(self, process: HostProcess, pending: Pending) -> dict[str, Any]:
        """Return a command's answer; raises as `HostProcess.wait` does."""
        if self.hangs_again(process, pending):
            raise HostStuck(pending.command, pending.deadline, process.stands() or {}, again=True)
        try:
            return process.wait(pending)
        except HostStuck as stuck:
            self._hung_at.update(_lines(stuck.facts))
            raise

    def hangs_again(self, process: HostProcess, pending: Pending) -> bool:
        """Wait shortly for a command where something has hung already; say whether it stands at such a line."""
        if not (self.failed and self._hung_at) or process.done_within(pending, asked_deadline() * _SHORT):
            return False
        facts = process.stands()
        return bool(facts and _lines(facts) & self._hung_at and not pending.done.is_set())


def _lines(facts: dict[str, Any]) -> set[str]:
    """The submission's lines that threads and tasks stand on, without the names of the threads."""
    return {str(line).partition(" (")[0] for line in facts.get("lines", ())}
