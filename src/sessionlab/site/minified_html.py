"""Pages without what nobody sees: it is more than half of their weight."""

from __future__ import annotations

import re

# Pygments' classes for names, punctuation, operators and blanks: https://pygments.org/docs/tokens/
_UNSEEN = re.compile(r'<span class="(?:n|nn|p|o|w)">([^<]*)</span>')
_BLOCK = re.compile(r"<pre>.*?</pre>", re.DOTALL)
_AS_IT_IS = re.compile(r"(<(?:pre|script|style|textarea)\b.*?</(?:pre|script|style|textarea)>)", re.DOTALL)


def minified_code(html: str) -> str:
    """Return HTML whose highlighted code has no marks that look like the text around them."""
    return _BLOCK.sub(lambda block: _UNSEEN.sub(r"\1", block[0]).replace("<span></span>", ""), html)


def minified_page(html: str) -> str:
    """Return a whole page without the indentation of the templates that it was made from."""
    pieces = _AS_IT_IS.split(html)
    pieces[::2] = [re.sub(r"\s*\n\s*", "\n", piece) for piece in pieces[::2]]
    return "".join(pieces)
