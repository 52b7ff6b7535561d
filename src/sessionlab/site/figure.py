"""A figure of a page: a trace as a diagram and as lanes of text, an interleaving as columns."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ..drawing import Step, lanes, mermaid
from ..drawing.columns import columns_html
from ..recorder.trace import Trace

_WIDTH = 60  # characters: legible on a phone, too


def trace_figure(trace: Trace, alt: str) -> str:
    """Return the HTML of a figure that shows a trace; `alt` says in a sentence what is to be seen."""
    return figure(mermaid(trace), lanes(trace, _WIDTH), alt)


def steps_figure(steps: Iterable[Step], alt: str) -> str:
    """Return the HTML of a figure that shows who did what in which order; `alt` says it in a sentence."""
    table = columns_html(steps)
    return f'<figure class="steps" tabindex="0" role="region" aria-label="{escape(alt)}">{table}</figure>'


def figure(diagram: str, text: list[str], alt: str) -> str:
    """Return the HTML of a figure from a diagram's Mermaid text and the same as lines of text.

    A script (lessons/assets/diagrams.js) draws the diagram and folds the text away. Without it, or without
    Mermaid, the text is what one sees.
    """
    source = diagram.replace("</", "<\\/")  # nothing may end the script element
    lines = "\n".join(escape(line, quote=False) for line in text)
    return (
        f'<figure class="trace" data-alt="{escape(alt)}">'
        f'<script type="text/vnd.mermaid">\n{source}</script>'
        f"<details open><summary>The same as text</summary>"
        f'<pre class="lanes" tabindex="0" data-search-exclude>{lines}</pre></details></figure>'
    )
