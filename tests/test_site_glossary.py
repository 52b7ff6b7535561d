"""Terms are linked where a page first uses them, and nowhere else."""

import re
from pathlib import Path

import pytest

from sessionlab.site.glossary import linked, terms

GLOSSARY = """# Glossary

## check out { #check-out data-also="checked out, check-outs" }

Borrow a connection.

## connection { #connection data-also="connections" }

A line.
"""


def link(html):
    """Link the terms of a small glossary."""
    return linked(html, terms(GLOSSARY), lambda term: f"../glossary/#{term}")


def test_the_first_use_is_linked():
    """Any of its forms counts, at the start of a sentence too; the second use stays as it is."""
    html = link("<p>Checked out connections: one connection, to check out.</p>")
    assert html == (
        '<p><a class="term" href="../glossary/#check-out">Checked out</a> '
        '<a class="term" href="../glossary/#connection">connections</a>: one connection, to check out.</p>'
    )


@pytest.mark.parametrize(
    "html",
    [
        "<h2>connection</h2>",
        "<a href='x'>a connection</a>",
        "<pre><code>connection</code></pre>",
        "<figure><script>connection</script><details>connection</details></figure>",
        "<p>reconnection, connection_pool, connection-less</p>",
        "<p title='connection'>x</p>",
        "<!-- connection -->",
    ],
)
def test_what_is_no_prose_stays_as_it_is(html):
    """Headings, links, code, figures, attributes, comments, and parts of other words."""
    assert link(html) == html


def test_everything_else_is_copied():
    """Void elements, references and unclosed paragraphs come out as they went in."""
    html = "<p>a &amp; b &#8217; <br> <img src='x'/><p>c<ul><li>d</ul>"
    assert link(html) == html


def test_the_courses_glossary_is_read_whole():
    """Every heading is a term, its id is its own, and no form belongs to two."""
    text = (Path(__file__).parents[1] / "lessons" / "glossary.md").read_text("utf-8")
    found = terms(text)
    assert len(found) == len(re.findall("^## ", text, re.MULTILINE)) >= 30
    assert len({term.id for term in found}) == len(found)
    forms = [form.lower() for term in found for form in term.forms]
    assert len(set(forms)) == len(forms)
