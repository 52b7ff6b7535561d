"""An answer holds what it changes; the rest of the file that is graded comes from the solution."""

from pathlib import Path

import pytest

from sessionlab.course.composition import compose
from sessionlab.course.errors import Malformed

HERE = Path("wrong/a.py")
SOLUTION = '''"""A bank."""

import os
from typing import Annotated

from fastapi import Depends, FastAPI

LIMIT = int(os.environ["LIMIT"])

# The one app.
app = FastAPI()


def get_db():
    """Yield a session."""
    # region answer: yield it
    yield 1
    # endregion


# What endpoints ask for.
Db = Annotated[int, Depends(get_db)]


# region answer: the endpoint
@app.get("/")
def read(db: Db) -> int:
    return LIMIT


# endregion
app.include_router(read)
'''
WHOLE = SOLUTION.replace("    # region answer: yield it\n", "").replace("    # endregion\n", "")
WHOLE = WHOLE.replace("# region answer: the endpoint\n", "").replace("# endregion\n", "")


def composed(body: str, keys: str = "", without: tuple[str, ...] = ()) -> str:
    """What an answer of this body makes of SOLUTION, without the docstring."""
    text = compose(HERE, f'"""Belief.\n\nfails: a\n{keys}"""\n{body}', SOLUTION, without)
    head, _, rest = text.partition('"""\n')
    assert head == '"""Belief.\n\nfails: a\n'
    return rest


def changed(*pairs: tuple[str, str]) -> str:
    """SOLUTION's text without its marks and docstring, with these replacements."""
    text = WHOLE.partition('"""\n')[2]
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def test_an_answer_that_changes_nothing_is_the_solution_without_its_marks():
    """The marks of the answers are for the starter."""
    assert composed("") == changed()


def test_a_definition_replaces_the_one_of_its_name_where_that_stood():
    """In whatever order the answer holds them; the formatter finds nothing to mend."""
    body = '\n@app.get("/")\ndef read(db: Db) -> int:\n    return 2 + LIMIT\n\n\ndef get_db():\n    yield 2\n'
    assert composed(body) == changed(
        ("return LIMIT", "return 2 + LIMIT"), ('    """Yield a session."""\n    yield 1', "    yield 2")
    )


def test_what_is_new_stands_before_the_first_replaced_one_that_follows():
    """So that it is there when that one needs it."""
    body = "\nRATE = 2\n\n\ndef get_db():\n    yield RATE\n"
    new = "RATE = 2\n\n\ndef get_db():\n    yield RATE"
    assert composed(body) == changed(('def get_db():\n    """Yield a session."""\n    yield 1', new)).replace(
        "app = FastAPI()\n\n\nRATE", "app = FastAPI()\n\nRATE"
    )


def test_what_is_new_and_followed_by_nothing_stands_at_the_end():
    """A decorated function does something by standing there."""
    body = '\n\n@app.get("/new")\ndef new() -> None:\n    pass\n'
    assert composed(body) == changed() + body


def test_a_call_is_added_and_one_that_stands_in_the_solution_is_not_repeated():
    """It has no name to replace anything by, but may say what it stands before."""
    body = "\napp.add_middleware(Depends)\napp.include_router(read)\n"
    both = "app.add_middleware(Depends)\napp.include_router(read)\n"
    assert composed(body) == changed(("app.include_router(read)\n", both))


def test_comments_directly_above_belong_to_a_definition():
    """The solution's go with what they are about, and the answer's come; those below a body are the body's."""
    body = "\n# Wider.\nDb = Annotated[float, Depends(get_db)]\n"
    assert composed(body) == changed(
        ("# What endpoints ask for.\nDb = Annotated[int", "# Wider.\nDb = Annotated[float")
    )
    body = "\ndef get_db():\n    yield 2\n    # wrong: nothing closes it\n"
    assert "    yield 2\n    # wrong: nothing closes it\n\n\n# What endpoints" in composed(body)


def test_a_tuple_and_a_block_are_one_statement():
    """Each replaces all that it binds."""
    assert composed("\nLIMIT, app = 1, FastAPI()\n").count("LIMIT") == 2
    block = "try:\n    LIMIT = 1\nexcept KeyError:\n    LIMIT = 2\n"
    assert composed(f"\n{block}") == changed(
        ('LIMIT = int(os.environ["LIMIT"])\n', block), ("import os\n", "")
    )


def test_a_definition_that_is_left_out_and_written_moves():
    """It counts as new."""
    body = "\n@app.get('/')\ndef read() -> int:\n    return Db\n\n\nDb = int\n"
    text = composed(body, without=("Db",), keys="without: Db\n")
    assert text.index("def read") < text.index("Db = int")


def test_without_leaves_out_and_stays_in_the_answer():
    """Definitions, calls by what they call, and imports; the graded file does not hold the key."""
    keys = "without: app.include_router,\n    Db, os\n"
    text = composed("\nLIMIT = 1\n", keys, ("app.include_router", "Db", "os"))
    assert "include_router" not in text
    assert "Db =" not in text
    assert "import os" not in text


def test_a_docstring_of_one_line_stays_one():
    """So that the numbers of the lines below are those of a file without the key."""
    text = compose(HERE, '"""Unlike.\n\nwithout: LIMIT\n"""\n\n\ndef read(): ...\n', SOLUTION, ("LIMIT",))
    assert text.startswith('"""Unlike."""\n\nfrom typing')


def test_an_import_replaces_that_of_its_name_and_new_ones_stand_sorted_at_the_top():
    """Names from one module share a statement, and those that only replaced code needed go."""
    body = "\nimport asyncio\nfrom fastapi import Request\nfrom mine import Depends\n\nLIMIT = asyncio, Request\n"
    assert composed(body).startswith(
        "\nimport asyncio\nfrom typing import Annotated\n\n"
        "from fastapi import FastAPI, Request\nfrom mine import Depends\n\nLIMIT = asyncio, Request\n"
    )


def test_a_long_import_is_written_over_lines():
    """As the formatter does."""
    names = [f"name_of_some_length_{number}" for number in range(8)]
    body = f"\nfrom fastapi import ({', '.join(names)})\n\nLIMIT = {', '.join(names)}\n"
    assert "from fastapi import (\n    Depends,\n    FastAPI,\n    name_of_some_length_0,\n" in composed(body)


@pytest.mark.parametrize(
    ("body", "without", "line", "what", "hint"),
    [
        ("\ndef get_bd():\n    pass\n", (), 6, "`get_bd` replaces nothing", "did you mean `get_db`?"),
        ("\nLIMITS = 1\n", (), 6, "`LIMITS` replaces nothing", "did you mean `LIMIT`?"),
        ("\nclass Zebra:\n    pass\n", (), 6, "`Zebra` replaces nothing", "use it, or take it out."),
        ("", ("raed",), 4, "names 'raed', which the solution does not have", "did you mean `read`?"),
        ("", ("Depend",), 4, "names 'Depend', which", "did you mean `Depends`?"),
    ],
)
def test_a_name_that_fits_nothing_is_told_by_line(body, without, line, what, hint):
    """It was meant for one that is there."""
    source = f'"""Belief.\n\nfails: a\n{f"without: {without[0]}" if without else "mistake: A"}\n"""{body}'
    with pytest.raises(Malformed) as caught:
        compose(HERE, source, SOLUTION, without)
    assert what in caught.value.fact
    assert caught.value.hint == hint
    assert caught.value.line == line
