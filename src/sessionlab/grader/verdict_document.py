"""What a check says: a claim about the submission, and the verdict that comes of it.

A suite imports `expect`, `Mistake` and `needs` from here, and nothing else of the grader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ..course.front_matter import DATABASES
from ..recorder.trace import Trace

if TYPE_CHECKING:
    from ..drawing.columns import Step

SCHEMA = 1

PASSED = "passed"
FAILED = "failed"
SKIPPED = "skipped"
BROKEN = "broken"
NOT_STARTED = "not started"

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mistake:
    """A misunderstanding that a check can name: what was misunderstood, and the README section to read."""

    text: str
    section: str = ""


class Failed(Exception):
    """A claim that does not hold for the submission."""

    def __init__(
        self,
        observed: str,
        expected: str,
        mistake: str | None = None,
        trace: Trace | None = None,
        detail: str = "",
        steps: Sequence[Step] = (),
    ) -> None:
        super().__init__(f"observed: {observed}\nexpected: {expected}")
        self.observed = observed
        self.expected = expected
        self.mistake = mistake
        self.trace = trace
        self.detail = detail
        self.steps = steps


def expect(
    holds: bool,
    *,
    observed: str,
    expected: str,
    mistake: str | None = None,
    trace: Trace | None = None,
    steps: Callable[[], Sequence[Step]] | None = None,
) -> None:
    """State a claim about the submission.

    `observed` and `expected` are sentences for the learner. `mistake` is a code of the suite's `MISTAKES`, to
    be given only where a predicate over the trace or the database shows that mistake. `trace` is the part of
    the trace to draw, nothing if it is empty; the whole check's, if none is given. `steps` returns the steps of
    an interleaving, to be drawn in its place; it is called only where the claim does not hold.

    Raises:
        Failed: the claim does not hold.
        TypeError: `holds` is no bool, so that the suite, and not the submission, is at fault.
    """
    if type(holds) is not bool:
        raise TypeError(f"a claim is True or False, not {type(holds).__name__}")
    if not holds:
        raise Failed(observed, expected, mistake, trace, steps=steps() if steps else ())


def needs(*checks: str) -> Callable[[_Function], _Function]:
    """Mark a check that can't be judged unless others have passed; it is skipped when one of them has not."""

    def mark(function: _Function) -> _Function:
        function.needs = checks  # type: ignore[attr-defined]
        return function

    return mark


def on(*databases: str) -> Callable[[_Function], _Function]:
    """Mark a check that holds on these databases alone ("sqlite", "postgresql"); elsewhere it is not expected.

    Raises:
        ValueError: there is no such database.
    """
    for name in databases:
        if name not in DATABASES:
            raise ValueError(f"{name!r} is no database; known are {', '.join(DATABASES)}")

    def mark(function: _Function) -> _Function:
        function.on = databases  # type: ignore[attr-defined]
        return function

    return mark


@dataclass
class Check:
    """One check's outcome.

    `seconds` is wall time; `because` names the check that a skipped one builds on; `hints` is the ladder of a
    check that failed, from a question to the section to read; `steps` is an interleaving that tells more than
    the trace, which is of the submission alone.
    """

    id: str
    title: str
    state: str
    observed: str = ""
    expected: str = ""
    mistake: dict[str, str] | None = None
    detail: str = ""
    printed: str = ""
    hints: list[str] = field(default_factory=list)
    because: str = ""
    seconds: float = 0.0
    trace: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Verdict:
    """The outcome of one run of one lesson's suite on one submission."""

    lesson: str
    submission: str
    expected: list[str]
    checks: list[Check] = field(default_factory=list)
    database: str = "sqlite"
    fault: str = ""
    seconds: float = 0.0

    @property
    def state(self) -> str:
        """passed, failed or broken: passed only if exactly the expected checks ran and each passed.

        A suite has a check of its own beside `load`, which proves nothing about an exercise.
        """
        states = [check.state for check in self.checks]
        if self.fault or BROKEN in states:
            return BROKEN
        if len(self.expected) > 1 and [check.id for check in self.checks] == self.expected:
            return PASSED if set(states) == {PASSED} else FAILED
        return BROKEN

    @property
    def first_failure(self) -> Check | None:
        """The check to look at first, or None."""
        return next((check for check in self.checks if check.state in (FAILED, BROKEN)), None)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as one versioned, JSON-ready document."""
        checks = [dict(vars(check)) for check in self.checks]  # `asdict` would copy each event of each trace
        return {"schema": SCHEMA, "state": self.state, **vars(self), "checks": checks}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """Return the verdict that `to_json` wrote.

        Raises:
            ValueError: the document is of another schema.
        """
        if data.get("schema") != SCHEMA:
            raise ValueError(f"a verdict of schema {data.get('schema')!r}; this version reads {SCHEMA}")
        fields = {
            key: data[key] for key in ("lesson", "submission", "expected", "database", "fault", "seconds")
        }
        return cls(checks=[Check(**check) for check in data["checks"]], **fields)


def duplicates(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once."""
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
