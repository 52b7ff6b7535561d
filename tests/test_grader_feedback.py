"""A check's outcome in words: readable in any terminal, whatever the submission printed."""

from sessionlab.grader.feedback import told
from sessionlab.grader.verdict_document import Check


def printed(text: str, **how) -> list[str]:
    """Return the lines that tell what a submission printed."""
    check = Check("adds", "Adds", "failed", "4", "3", printed=text)
    return [line for part, line in told(check, **how) if part == "printed"][1:]


def test_what_is_left_out_is_counted():
    """Of what was printed the first dozen lines are told, and how many there are beside."""
    lines = printed("\n".join(map(str, range(30))))
    assert lines[-2:] == ["      11", "      … 18 more lines"]


def test_all_of_it_can_be_asked_for():
    """As a whole, every line is there."""
    assert len(printed("\n".join(map(str, range(30))), whole=True)) == 30


def test_a_long_line_is_folded():
    """A line that is wider than the terminal goes on in the next one, with nothing lost."""
    lines = printed("x" * 200, width=80)
    assert max(map(len, lines)) == 80
    assert "".join(line.strip() for line in lines) == "x" * 200


def test_an_indent_is_kept():
    """The first line's indent is the submission's own, as every other one's is."""
    assert printed("  a\n  b\n") == ["        a", "        b"]


def test_no_control_character_reaches_the_terminal():
    """Colours go, and what would clear the screen or hide the rest is replaced, in what was observed as well."""
    check = Check(
        "adds", "Adds", "failed", "raised \x1b[8m\x00no", "3", printed="\x1b[31mred\x1b[0m\x07\n\ta"
    )
    text = "\n".join(line for _, line in told(check))
    assert "raised \N{REPLACEMENT CHARACTER}no" in text
    assert "red\N{REPLACEMENT CHARACTER}\n              a" in text
