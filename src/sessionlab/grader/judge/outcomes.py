"""What came of something that the host was told to do, as a suite reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ..values import Foreign, short_repr
from ..verdict_document import Failed

_LONGEST = 400  # characters of a result or of an exception's text that a sentence still holds


@dataclass(frozen=True)
class Fault:
    """An exception of the submission. `cls` is its class's path; `classes` are all it derives from."""

    cls: str
    text: str
    classes: tuple[str, ...] = ()
    frames: tuple[dict[str, Any], ...] = ()
    status: Any = None
    syntax: dict[str, Any] | None = None

    @classmethod
    def of(cls, data: dict[str, Any]) -> Fault:
        """Return the exception that the host told of."""
        return cls(
            data["class"],
            data["text"],
            tuple(data["classes"]),
            tuple(data["frames"]),
            data.get("status"),
            data.get("syntax"),
        )

    def is_a(self, name: str) -> bool:
        """Say whether it is of this class or derives from it; a bare name fits in any module."""
        return any(path == name or path.rpartition(".")[2] == name for path in self.classes)

    def raised_by(self, code: str) -> bool:
        """Say whether the innermost line of the submission begins like this."""
        return bool(self.frames) and self.frames[-1]["code"].startswith(code)

    @property
    def name(self) -> str:
        """The class's bare name."""
        return self.cls.rpartition(".")[2]

    @property
    def where(self) -> str:
        """The innermost line of the submission, such as "exercise.py:31 in get_db"; empty if none."""
        if not self.frames:
            return ""
        frame = self.frames[-1]
        return f"{frame['file']}:{frame['line']} in {frame['function']}"

    def __str__(self) -> str:
        lines = self.text.strip().splitlines()
        text = f"{self.name}: {_cut(lines[0])}" if lines else self.name
        return f"{text} ({self.where})" if self.where else text

    @property
    def detail(self) -> str:
        """The submission's own frames and the whole text, for a reader who wants more."""
        frames = [f"  {f['file']}:{f['line']} in {f['function']}\n    {f['code']}" for f in self.frames]
        return "\n".join([*frames, f"{self.cls}: {self.text}"])


@dataclass(frozen=True)
class Outcome:
    """What a call returned or raised. `request` is the call's number in the trace."""

    told: str
    result: Any = None
    error: Fault | None = None
    request: int | None = None

    @property
    def value(self) -> Any:
        """The returned value.

        Raises:
            Failed: the call raised.
        """
        if self.error is not None:
            raise Failed(f"{self.told} raised {self.error}", f"{self.told} returns", detail=self.error.detail)
        return self.result

    def ok(self) -> Outcome:
        """Return this outcome if the call returned.

        Raises:
            Failed: the call raised.
        """
        _ = self.value
        return self

    def raised(self, name: str) -> bool:
        """Say whether the call raised an exception of this class or of one derived from it."""
        return self.error is not None and self.error.is_a(name)

    def __str__(self) -> str:
        if self.error is not None:
            return f"{self.told} raised {self.error}"
        return f"{self.told} returned {_shown(self.result)}"


def _shown(result: Any) -> str:
    if isinstance(result, Foreign):
        return str(result)
    text = repr(result)
    return text if len(text) <= _LONGEST else short_repr(result, _LONGEST)


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


@dataclass(frozen=True)
class Response:
    """What came back for a request, after the application's call has ended.

    `status` is None where no response was started. `error` is the exception that left the application.
    """

    told: str
    status: int | None
    body: str | None
    headers: dict[str, str] = field(default_factory=dict)
    error: Fault | None = None
    request: int | None = None
    complete: bool = True

    @property
    def json(self) -> Any:
        """The body's JSON value, or None where the body is no JSON."""
        try:
            return json.loads(self.body or "")
        except ValueError:
            return None

    def __str__(self) -> str:
        if self.status is None:
            return f"{self.told} got no response" + (f"; {self.error} left the app" if self.error else "")
        body = f" {self.body[:160]}" if self.body else ""
        left = f", and {self.error} left the app" if self.error else ""
        return f"{self.told} answered {self.status}{body}{left}"


@dataclass(frozen=True)
class Tested:
    """What came of one test of a submission that is a test file.

    `outcome` is passed, failed, error (in a fixture), skipped, xfailed, xpassed or not run. `error` is what a
    failed one raised; `request` is its number in the trace.
    """

    name: str
    outcome: str
    error: Fault | None = None
    request: int | None = None

    @classmethod
    def of(cls, data: dict[str, Any]) -> Tested:
        """Return the test that the host told of."""
        error = Fault.of(data["error"]) if data.get("error") else None
        return cls(data["name"], data["outcome"], error, data.get("request"))

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}" + (f", {self.error}" if self.error else "")


@dataclass(frozen=True)
class TestRun:
    """One run of a submission's tests.

    `collection` holds what kept tests from being found; `stopped` is what ended the run early, or "". `left`
    are the files that lie outside `tmp_path` now; `looked` is what the run was asked to tell of, in order.
    """

    tests: tuple[Tested, ...]
    collection: tuple[Fault, ...] = ()
    stopped: str = ""
    left: tuple[str, ...] = ()
    looked: tuple[Any, ...] = ()

    def of(self, *outcomes: str) -> list[Tested]:
        """Return the tests with one of these outcomes."""
        return [test for test in self.tests if test.outcome in outcomes]

    @property
    def unhappy(self) -> list[Tested]:
        """The tests that failed, or whose fixtures did."""
        return self.of("failed", "error")
