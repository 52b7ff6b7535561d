"""One run of one suite on one submission: what each check came to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...recorder.trace import Trace
from ..general_mistakes import MISTAKES
from ..verdict_document import BROKEN, FAILED, PASSED, SKIPPED, Check, Failed, Verdict
from .host import Host
from .hosts import Hosts
from .next_load import Ahead
from .outcomes import Fault

LOAD = "load"
_EVENTS_SHOWN = 600
_CODE_SHOWN = 60  # columns of a source line, which is never folded


@dataclass
class Grading:
    """The checks of one suite as they are judged, one after the other.

    The submission is read once, so that an edit while the checks run changes nothing.
    """

    lesson: str
    submission: Path
    source: bytes
    hosts: Hosts
    ahead: Ahead
    folder: Path
    database: str = "sqlite"
    mistakes: dict[str, Any] = field(default_factory=dict)
    hints: dict[str, list[str]] = field(default_factory=dict)
    given: str = ""
    seed: int | None = None
    checks: dict[str, Check] = field(default_factory=dict)
    another: bool = False  # whether the next check, too, needs a host that has loaded the submission
    _drawn: set[str] = field(default_factory=set)

    @property
    def hash(self) -> str:
        """The SHA-256 of the source that is judged."""
        return hashlib.sha256(self.source).hexdigest()

    def verdict(self, expected: list[str]) -> Verdict:
        """Return the verdict on what has been judged."""
        checks = list(self.checks.values())
        seconds = sum(check.seconds for check in checks)
        return Verdict(self.lesson, str(self.submission), expected, checks, self.database, seconds=seconds)

    def blocker(self, needs: tuple[str, ...]) -> str:
        """Return the first check of those needed (or `load`) that has run and not passed, or ""."""
        for name in (LOAD, *needs):
            check = self.checks.get(name)
            if check is not None and check.state != PASSED:
                return name
        return ""

    @contextmanager
    def hosting(self, check: Check, environment: dict[str, str], load: bool = True) -> Iterator[Host]:
        """Yield a host with the submission freshly loaded; afterwards note its trace and what it printed.

        Without `load` the submission is left to what the check does with it: a test file is run, not loaded.

        Raises:
            Failed: the submission does not load.
        """
        host = self.ahead.host() or self._begun(environment, load)
        try:
            fault = host.loaded() if load else None
            if fault is not None:
                raise load_failure(fault)
            if self.another:
                self.ahead.prepare(self.database, self.source, str(self.submission), self.given)
            yield host
        finally:
            self._close(host, check)

    def _begun(self, environment: dict[str, str], load: bool) -> Host:
        host = self.hosts.take(self.source)
        if load:
            host.begin_loading(environment, str(self.submission), self.given)
        else:
            host.begin(environment)
        return host

    def _close(self, host: Host, check: Check) -> None:
        if host.process.alive and check.id not in self._drawn:
            try:
                check.trace = host.trace(most=_EVENTS_SHOWN).to_json()
            except Failed:
                pass  # the submission has ended the host meanwhile; the verdict says so
        whole, check.printed = host.end()
        self.hosts.give_back(host, whole)

    def load(self, check: Check, environment: dict[str, str]) -> None:
        """Load the submission, and a second time in a fresh host if the first does not succeed.

        Raises:
            Failed: it did not load twice.
        """
        for attempt in (1, 2):
            try:
                with self.hosting(check, environment):
                    return
            except Failed:
                if attempt == 2:
                    raise
                self.hosts.renew()

    def fail(self, check: Check, failed: Failed) -> None:
        """Note a claim that did not hold."""
        check.state = FAILED
        self.hosts.patience.failed = True
        check.hints = list(self.hints.get(check.id, ()))
        check.observed, check.expected, check.detail = failed.observed, failed.expected, failed.detail
        if failed.trace is not None:
            check.trace = shown(failed.trace)
            self._drawn.add(check.id)
        check.steps = [asdict(step) for step in failed.steps]
        if failed.mistake is not None:
            self._name(check, failed.mistake)

    def _name(self, check: Check, code: str) -> None:
        mistake = self.mistakes.get(code) or MISTAKES.get(code)
        if mistake is None:
            self.break_(check, f"the suite names the mistake {code!r}, which its MISTAKES do not have")
            return
        check.mistake = {"code": code, "text": mistake.text, "section": mistake.section}

    def break_(self, check: Check, detail: str) -> None:
        """Note a fault of the suite or of the grader, never of the learner."""
        check.state, check.detail = BROKEN, detail
        check.observed = "the grader is at fault here, not your code"
        check.expected = "a suite that comes to a verdict; please report it with the text below"

    def lose(self, check: Check, fact: str, hint: str) -> None:
        """Note that a check was not judged because of its database: nobody's mistake, and no fault to report."""
        check.state, check.because = BROKEN, "database"
        check.observed, check.detail = fact, f"hint: {hint}"
        check.expected = "a database that can be used as long as the check runs"

    def skip(self, check: Check, because: str) -> None:
        """Note a check that can't be judged."""
        check.state, check.because = SKIPPED, because


def shown(trace: Trace) -> list[dict[str, Any]]:
    """Return as much of a trace as a verdict carries."""
    return trace.to_json()[:_EVENTS_SHOWN]


def load_failure(fault: Fault) -> Failed:
    """Return the verdict on a file that raised while it was loaded."""
    if fault.syntax:
        return _syntax_failure(fault)
    if fault.is_a("SystemExit"):
        where = f" ({fault.where})" if fault.where else ""
        return Failed(
            f"your file ends the program while it is imported{where}",
            "an import that returns",
            "DOES_NOT_LOAD",
        )
    return Failed(
        f"importing your file raised {fault}", "an import that returns", "DOES_NOT_LOAD", detail=fault.detail
    )


def _syntax_failure(fault: Fault) -> Failed:
    at = fault.syntax or {}
    place = f"{at['file']}, line {at['line']}" if at["line"] else at["file"]
    observed = [f"{place}: {at['message']}"]
    observed += [f"  {line}" for line in _pointed(at["code"], at["column"] - 1)]
    observed += [f"imported at {fault.where}"] if fault.where else []
    return Failed("\n".join(observed), "a file that Python can read", "DOES_NOT_LOAD")


def _pointed(code: str, column: int) -> list[str]:
    """Return a source line without its indent, and below it a caret; of a long line what stands around the caret."""
    line = "".join(
        sign if sign.isprintable() else " " if sign == "\t" else "\N{REPLACEMENT CHARACTER}" for sign in code
    )
    start = max(
        len(line) - len(line.lstrip()), column - _CODE_SHOWN * 2 // 3 if len(line) > _CODE_SHOWN else 0
    )
    shown = line[start : start + _CODE_SHOWN].rstrip()
    return [shown, " " * max(0, column - start) + "^"] if shown else []
