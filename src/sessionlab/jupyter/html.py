"""Text as HTML."""

from __future__ import annotations

import re
from html import escape

_CODE = re.compile("`([^`]+)`")


def as_html(text: str) -> str:
    """Return a text as HTML: what stands between backticks as code, and all else as the text that it is."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
