"""Text that a notation must take as text: what could mean something to it becomes a character reference."""

from __future__ import annotations

_PLAIN = " ,.()?…–→←"


def for_mermaid(text: str) -> str:
    """Return a text for a message or a note of a Mermaid diagram, on one line.

    References are written "#59;":
    https://mermaid.js.org/syntax/sequenceDiagram.html#entity-codes-to-escape-characters.
    """
    # A colon has a meaning in "wrap:", and Mermaid takes the last ";" from a line with "style…:#…;". Inside,
    # it writes references as "ﬂ°°59¶ß".
    colon = "" if any(word in text for word in ("wrap", "style", "classDef")) else ":"
    return _with_references(text, "#", plain=f"=*'/_-{colon}", never="ﬂ°¶ß")


def for_markdown(text: str) -> str:
    """Return a text for <code> in a cell of a Markdown table, where Markdown would still see its marks."""
    marks = "".join(mark for mark in "=-" if mark * 2 not in text)
    return _with_references(text, "&#", plain=marks)


def _with_references(text: str, before: str, plain: str = "", never: str = "") -> str:
    return "".join(
        c if (c.isalnum() or c in _PLAIN or c in plain) and c not in never else f"{before}{ord(c)};"
        for c in text
    )
