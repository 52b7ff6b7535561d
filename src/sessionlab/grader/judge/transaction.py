"""A transaction of the judge's own, beside the submission's: the second one, which may have to wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Ran:
    """What a statement came to: the rows that it returned, or how many it changed, or its error."""

    rows: tuple[tuple[Any, ...], ...] = ()
    changed: int | None = None
    error: str = ""

    def __str__(self) -> str:
        if self.error:
            return self.error
        if self.changed is None:
            return "; ".join(", ".join(map(str, row)) for row in self.rows) or "no row"
        return f"{self.changed} row{'' if self.changed == 1 else 's'} changed"


class Transaction(Protocol):
    """One connection of the judge's, in a transaction from its first statement to its commit or rollback.

    `ran` is what the last statement came to, None while it waits.
    """

    ran: Ran | None

    @property
    def open(self) -> bool:
        """Whether a transaction is open, so that others may have to wait for it."""

    def run(self, sql: str, *parameters: Any, commit: bool = False) -> bool:
        """Run a statement, and commit after it if asked to. Return False where it has to wait for somebody.

        It then stays in line: `finish` sees it through.
        """

    def settle(self) -> bool:
        """Say whether the last statement is done by now; False where it still has to wait."""

    def finish(self) -> Ran:
        """Return what the last statement came to, once nobody is in its way any more.

        Raises:
            TimeoutError: somebody still is, after some seconds.
        """

    def commit(self) -> None:
        """Commit."""

    def rollback(self) -> None:
        """Roll back."""

    def blocks(self) -> bool:
        """Say whether somebody waits for this transaction now."""
