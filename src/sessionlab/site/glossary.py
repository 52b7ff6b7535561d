"""The glossary: the field's terms, which stand in `lessons/glossary.md`, each linked where a page first uses it.

There a term is a heading, `## check out { #check-out data-also="checked out, check-out" }`, with what it means below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from html.parser import HTMLParser

_TERM = re.compile(
    r'^## (?P<name>[^{\n]+?)[ ]*\{[ ]*#(?P<id>[\w-]+)(?:[ ]+data-also="(?P<also>[^"]*)")?[ ]*\}\n+(?P<text>.+?)$',
    re.MULTILINE,
)
_NOT_IN = {
    "a", "button", "code", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "kbd", "label", "pre",
    "script", "small", "style", "summary", "th",
}  # fmt: skip
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(frozen=True)
class Term:
    """A term: its name, its id on the glossary's page, the forms that it appears in, and its first sentence."""

    name: str
    id: str
    forms: tuple[str, ...]
    text: str


def terms(markdown: str) -> list[Term]:
    """Return the terms of the glossary's page."""
    return [
        Term(match["name"], match["id"], _forms(match["name"], match["also"] or ""), match["text"])
        for match in _TERM.finditer(markdown)
    ]


def _forms(name: str, also: str) -> tuple[str, ...]:
    plain = name.replace("`", "")
    return (plain, *(form.strip() for form in also.split(",") if form.strip()))


def linked(html: str, known: Iterable[Term], address: Callable[[str], str]) -> str:
    """Return a page's HTML with the first use of each term linked; `address` gives the link to a term's id.

    Headings, links, code and figures stay as they are.
    """
    linking = _Linking(list(known), address)
    linking.feed(html)
    linking.close()
    return "".join(linking.written)


class _Linking(HTMLParser):
    """Copies HTML as it is, but for the terms in its text."""

    def __init__(self, known: list[Term], address: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._terms = {form.lower(): term for term in known for form in term.forms}
        self._pattern = _pattern(tuple(self._terms))
        self._linked: set[Term] = set()
        self._address = address
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.written.append(self.get_starttag_text() or "")
        if tag not in _VOID:
            self._within.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.written.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.written.append(f"</{tag}>")
        if tag in self._within:
            while self._within.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        plain = self._terms and not _NOT_IN.intersection(self._within)
        self.written.append(self._pattern.sub(self._link, data) if plain else data)

    def handle_entityref(self, name: str) -> None:
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.written.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.written.append(f"<!--{data}-->")

    def _link(self, found: re.Match[str]) -> str:
        term = self._terms[found[0].lower()]
        if term in self._linked:
            return found[0]
        self._linked.add(term)
        return f'<a class="term" href="{escape(self._address(term.id))}">{found[0]}</a>'


@cache
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any of these forms as a whole word, the longest first."""
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)
