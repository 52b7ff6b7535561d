"""Sentences in lines of a width; a command in backticks is never broken, so that it can be copied."""

from __future__ import annotations

import re
from textwrap import wrap

_COMMAND = re.compile(r"`[^`]*`")
_KEPT = "\N{NO-BREAK SPACE}"


def folded(text: str, width: int, indent: str = "") -> list[str]:
    """Return the lines of a paragraph; all but the first start with `indent`."""
    held = _COMMAND.sub(lambda found: found[0].replace(" ", _KEPT), text)
    lines = wrap(held, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_KEPT, " ") for line in lines] or [""]
