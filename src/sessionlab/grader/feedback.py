"""A check's outcome in words, for a terminal, a notebook and plain pytest alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

from ..recorder.trace import Trace
from .verdict_document import BROKEN, FAILED, PASSED, SKIPPED, Check

MARKS = {PASSED: "✓", FAILED: "✗", SKIPPED: "–", BROKEN: "!"}
_PRINTED = 12  # lines of what the submission printed, unless all are asked for

# What would move the cursor, clear the screen or hide what follows: colours, and any other control character.
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def told(check: Check, width: int = 80, trace: bool = True, whole: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the lines that tell a check's outcome, each with the part that it belongs to.

    The parts, in their order: title, observed, expected, mistake, section, trace, detail, printed. Of what was
    printed the first dozen lines are told, unless it is asked for as a `whole`.
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
    yield from _printed(check, width, None if whole else _PRINTED)


def _part(name: str, text: str, width: int, label: str = "") -> Iterator[tuple[str, str]]:
    label = f"    {label or name:<9} "
    for number, line in enumerate(map(plain, text.splitlines())):
        # Source lines and carets keep their columns; sentences are wrapped.
        folded = [line] if line.startswith(" ") else wrap(line, max(30, width - len(label))) or [""]
        for place, piece in enumerate(folded):
            yield name, (label if number == place == 0 else " " * len(label)) + piece


def _printed(check: Check, width: int, most: int | None) -> Iterator[tuple[str, str]]:
    room = max(30, width - 6)
    lines = [plain(line) for line in check.printed.strip("\n").splitlines()]
    folded = [line[at : at + room] for line in lines for at in range(0, max(1, len(line)), room)]
    if check.printed.strip():
        yield "printed", "    your code printed:"
        yield from (("printed", f"      {line}") for line in folded[:most])
    if most is not None and len(folded) > most:
        yield "printed", f"      … {len(folded) - most} more lines"


def plain(line: str) -> str:
    """Return a line of the submission's as a terminal can show it: without colours and control characters."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _COLOUR.sub("", line.expandtabs()))


def _steps(check: Check, width: int) -> Iterator[tuple[str, str]]:
    from ..drawing import Step, columns

    yield "trace", "    what happened, step by step:"
    steps = [Step(**step) for step in check.steps]
    yield from (("trace", f"    {line}") for line in columns(steps, width - 4))


def _trace(check: Check, width: int) -> Iterator[tuple[str, str]]:
    from ..drawing import lanes

    yield "trace", "    what your code did:"
    yield from (("trace", f"    {line}") for line in lanes(Trace.from_json(check.trace), width=width - 4))
