"""Of a wrong answer the gallery shows where it differs, and why."""

from sessionlab.site.answer_excerpt import differing, function

SOLUTION = '''"""What to write."""

import os

LIMIT = 3


def get_db():
    """Yield a session."""
    # the session of this request
    with make() as session:
        yield session


def other():
    """Do it."""
    return LIMIT
'''


def test_only_what_differs_is_shown():
    """Not what is alike but for comments and docstrings; imports only where there is nothing else."""
    answer = SOLUTION.replace(
        "with make() as session:\n        yield session", "yield make()  # wrong: it is never closed"
    )
    shown = differing(answer.replace("Do it.", "Do that.").replace("import os", "import sys"), SOLUTION)
    assert shown.lines == [
        "def get_db():",
        "    # the session of this request",
        "    yield make()",
    ]
    assert shown.wrong == {3: "it is never closed"}
    assert differing(SOLUTION.replace("import os", "import sys"), SOLUTION).lines == ["import sys"]


def test_decorators_belong_to_what_they_decorate():
    """A decorator that is added is shown with its function."""
    shown = differing(SOLUTION.replace("def other", "@cache\ndef other"), SOLUTION)
    assert shown.lines == ["@cache", "def other():", "    return LIMIT"]


def test_a_function_is_shown_without_its_docstring():
    """By its name; None where there is none of this name."""
    assert function(SOLUTION, "other").lines == ["def other():", "    return LIMIT"]
    assert function(SOLUTION, "another") is None


def test_a_docstring_that_is_all_there_is_stays():
    """Without it the function would be no function."""
    assert function('def f():\n    """Nothing."""\n', "f").lines == ["def f():", '    """Nothing."""']
