"""Small pieces of Markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_HEADING = re.compile(r"^#{2,6} +(.+?) *#*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_MARKS = re.compile(r"([\\`*_\[\]<>|#])")


def plain(text: str) -> str:
    """Return a text so that Markdown takes it as text; what stands in backticks stays code."""
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(piece if piece.startswith("`") else _MARKS.sub(r"\\\1", piece) for piece in pieces)


def code(text: str) -> str:
    """Return a text as code, whatever backticks it holds."""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fenced(lines: Iterable[str], head: str = "") -> str:
    """Return lines as a fenced block."""
    body = "\n".join(lines)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", body)), default=0))
    return f"{ticks}{head}\n{body}\n{ticks}\n"


def anchor(heading: str) -> str:
    """Return the id that Python-Markdown gives to a heading."""
    text = unicodedata.normalize("NFKD", re.sub(r"[`*]", "", heading)).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def headings(text: str) -> list[str]:
    """Return the headings of a page below its title."""
    return _HEADING.findall(_FENCED.sub("", text))
