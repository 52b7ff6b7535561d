"""An interleaving reads at a glance: time runs down, an actor a column, what was seen under the step."""

import html
import re

import markdown
import pytest
from rich.cells import cell_len

from sessionlab.drawing import Step, columns
from sessionlab.drawing.columns import columns_markdown

LOST_UPDATE = [
    Step("T1", "SELECT balance FROM account WHERE id = 1", saw="100"),
    Step("T2", "UPDATE account SET balance = balance - 80 WHERE id = 1"),
    Step("T1", "UPDATE account SET balance = 20 WHERE id = 1", blocked=True),
    Step("T2", "COMMIT"),
    Step("T1", "COMMIT"),
]
HOSTILE = "SELECT 'a|b', `c`, *, d_e_f FROM \"t\" -- <b> & [x](y) ~~z~~ $m$ ==k== :smile: \\ {{ j }} #1 ^2^"


def test_each_step_stands_in_its_actor_s_column():
    """What was seen stands under the statement, and who waits has a dotted column until they go on."""
    assert columns(LOST_UPDATE, width=60) == [
        "   T1                          │ T2",
        "   ────────────────────────────┼────────────────────────────",
        "1  SELECT balance FROM account │",
        "   WHERE id = 1                │",
        "   → 100                       │",
        "2                              │ UPDATE account SET balance",
        "                               │ = balance - 80 WHERE id = 1",
        "3  UPDATE account SET balance  │",
        "   = 20 WHERE id = 1           │",
        "   waits…                      │",
        "4  ┊                           │ COMMIT",
        "5  COMMIT                      │",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("actors", [1, 2, 3])
def test_no_line_is_wider_than_the_terminal(width, actors):
    """Also where a word is longer than a column, or a character takes two cells."""
    texts = ["SELECT 1", "x" * 200, "口座" * 60, "one\ntwo"]
    steps = [Step(f"T{i % actors + 1}", text, saw=text, blocked=True) for i, text in enumerate(texts * 3)]
    assert max(map(cell_len, columns(steps, width))) <= width


@pytest.mark.parametrize("text", ["x" * 300, "口座" * 100])
def test_nothing_of_a_long_text_is_lost(text):
    """Long words are broken, not cut."""
    lines = columns([Step("A", "", saw=text)])[2:]
    assert "".join(line[3:].replace("→", "").strip() for line in lines) == text


def test_line_ends_of_a_text_are_kept():
    """Two statements in one step stand on two lines."""
    assert [line[3:] for line in columns([Step("A", "BEGIN\nSELECT 1")])[2:]] == ["BEGIN", "SELECT 1"]


def test_no_steps_are_no_lines():
    """There is nobody to name a column after."""
    assert columns([]) == []


def test_the_table_says_what_the_lines_say():
    """One row a step, one cell an actor."""
    rows = columns_markdown(LOST_UPDATE).splitlines()
    assert rows[:2] == ["| | T1 | T2 |", "|--:|---|---|"]
    assert rows[2] == "| 1 | <code>SELECT balance FROM account WHERE id = 1</code><br>→ 100 |  |"
    assert rows[4].endswith("WHERE id = 1</code><br><em>waits…</em> |  |")
    assert rows[5] == "| 4 | ┊ | <code>COMMIT</code> |"


def test_a_page_shows_hostile_text_as_it_was():
    """Markdown and its extensions find nothing in it that they would take for a mark."""
    extensions = ["tables", "smarty", "attr_list", "pymdownx.betterem", "pymdownx.tilde", "pymdownx.caret"]
    extensions += ["pymdownx.mark", "pymdownx.emoji", "pymdownx.arithmatex", "pymdownx.smartsymbols"]
    page = markdown.markdown(columns_markdown([Step("T1", HOSTILE, saw=HOSTILE)]), extensions=extensions)
    code = re.search(r"<code>(.*?)</code><br\s*/?>→ (.*?)</td>", page, re.DOTALL)
    assert code
    assert [html.unescape(part) for part in code.groups()] == [HOSTILE, HOSTILE]
