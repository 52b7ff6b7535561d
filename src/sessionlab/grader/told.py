"""A check's outcome in words, for a terminal, a notebook and plain pytest alike."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from ..recorder.trace import Trace
from .verdict import BROKEN, FAILED, PASSED, SKIPPED, Check

MARKS = {PASSED: "✓", FAILED: "✗", SKIPPED: "–", BROKEN: "!"}


def told(check: Check, width: int = 80, trace: bool = True) -> Iterator[tuple[str, str]]:
    """Yield the lines that tell a check's outcome, each with the part that it belongs to.

    The parts, in their order: title, observed, expected, mistake, section, trace, detail, printed.
    """
    yield "title", f"{MARKS[check.state]} {check.id} · {check.title}"
    if check.state == SKIPPED:
        yield "because", f"    not judged, because {check.because} did not pass"
        return
    if check.state == PASSED:
        return
    yield from _part("observed", check.observed, width)
    yield from _part("expected", check.expected, width)
    if check.mistake:
        yield from _part("mistake", check.mistake["text"], width)
        if check.mistake["section"]:
            yield from _part("section", f"README, “{check.mistake['section']}”", width, "read")
    if trace and check.steps:
        yield from _steps(check, width)
    elif trace and check.trace:
        yield from _trace(check, width)
    if check.state == BROKEN:
        yield from (("detail", f"    {line}") for line in check.detail.splitlines())
    if check.printed.strip():
        yield "printed", "    your code printed:"
        yield from (("printed", f"      {line}") for line in check.printed.strip().splitlines()[:12])


def _part(name: str, text: str, width: int, label: str = "") -> Iterator[tuple[str, str]]:
    label = f"    {label or name:<9} "
    for number, line in enumerate(text.splitlines()):
        # Source lines and carets keep their columns; sentences are wrapped.
        folded = [line] if line.startswith(" ") else wrap(line, max(30, width - len(label))) or [""]
        for place, piece in enumerate(folded):
            yield name, (label if number == place == 0 else " " * len(label)) + piece


def _steps(check: Check, width: int) -> Iterator[tuple[str, str]]:
    from ..drawing import Step, columns

    yield "trace", "    what happened, step by step:"
    steps = [Step(**step) for step in check.steps]
    yield from (("trace", f"    {line}") for line in columns(steps, width - 4))


def _trace(check: Check, width: int) -> Iterator[tuple[str, str]]:
    from ..drawing import lanes

    yield "trace", "    what your code did:"
    yield from (("trace", f"    {line}") for line in lanes(Trace.from_json(check.trace), width=width - 4))
