"""A trace as a figure of a page: a diagram where the browser can draw it, and the same as lanes of text."""

from __future__ import annotations

from html import escape

from ..drawing import lanes, mermaid
from ..recorder.trace import Trace

_WIDTH = 60  # characters: legible on a phone, too


def trace_figure(trace: Trace, alt: str) -> str:
    """Return the HTML of a figure that shows a trace; `alt` says in a sentence what is to be seen."""
    return figure(mermaid(trace), lanes(trace, _WIDTH), alt)


def figure(diagram: str, text: list[str], alt: str) -> str:
    """Return the HTML of a figure from a diagram's Mermaid text and the same as lines of text.

    A script (lessons/assets/diagrams.js) draws the diagram and folds the text away. Without it, or without
    Mermaid, the text is what one sees.
    """
    source = diagram.replace("</", "<\\/")  # nothing may end the script element
    told = "\n".join(escape(line, quote=False) for line in text)
    return (
        f'<figure class="trace" data-alt="{escape(alt)}">'
        f'<script type="text/vnd.mermaid">\n{source}</script>'
        f"<details open><summary>The same as text</summary>"
        f'<pre class="lanes" tabindex="0" data-search-exclude>{told}</pre></details></figure>'
    )
