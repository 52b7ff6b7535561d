"""What is written to a terminal: styles where it shows them, plain text where it does not."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_WIDEST = 100  # columns: longer lines of prose are hard to read
_NARROWEST = 40
_STYLES = {
    "because": "dim",
    "mistake": "yellow",
    "section": "cyan",
    "detail": "dim",
    "printed": "dim",
}
_MARKS = {"✓": "green", "✗": "bold red", "–": "dim", "!": "bold magenta"}
_ALERT = re.compile(r" *\d* *! ")
_COMMAND = re.compile(r"`[^`]*`")
_KEPT = "\N{NO-BREAK SPACE}"


@cache
def console(stderr: bool = False) -> Console:
    """Return rich's console on standard output, or on standard error; without any style under NO_COLOR."""
    from rich.console import Console  # 100 ms, in which the judge already imports

    made = Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
    if not stderr:
        made.on_broken_pipe = _raise_again  # type: ignore[method-assign]
    return made


def _raise_again() -> None:
    """Let the command say how it ends; rich would end the process with 1. Called where the error is handled."""
    raise


def width() -> int:
    """Return how many columns a line may take."""
    return max(_NARROWEST, min(console().width, _WIDEST))


def say(text: str = "", style: str = "", stderr: bool = False) -> None:
    """Write a line as it is: neither wrapped nor cut."""
    from rich.text import Text  # with the console

    console(stderr).print(Text(text, style=style), soft_wrap=True)


def say_prose(text: str, style: str = "", indent: str = "", stderr: bool = False) -> None:
    """Write sentences, wrapped to the width."""
    for line in folded(text, width(), indent):
        say(line, style, stderr)


def folded(text: str, width: int, indent: str = "") -> list[str]:
    """Return the lines of a paragraph; all but the first start with `indent`.

    A command in backticks is never broken, so that it can be copied.
    """
    held = _COMMAND.sub(lambda found: found[0].replace(" ", _KEPT), text)
    lines = wrap(held, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_KEPT, " ") for line in lines] or [""]


def say_parts(lines: Iterable[tuple[str, str]]) -> None:
    """Write the lines of `told`, each with the style of its part."""
    for part, line in lines:
        if part == "title":
            say_prose(line, style_of(part, line), "  ")
        else:
            say(line, style_of(part, line))


def style_of(part: str, line: str) -> str:
    """Return the style of a line of `told`."""
    if part == "title":
        return _MARKS.get(line[:1], "")
    if part == "trace" and _ALERT.match(line):
        return "bold red"
    return _STYLES.get(part, "")


def is_terminal(stream: TextIO | None = None) -> bool:
    """Return whether a stream (standard output, if none is named) is a terminal."""
    try:
        return bool((stream or sys.stdout).isatty())
    except (AttributeError, ValueError):  # no stream at all, or one that is closed
        return False
