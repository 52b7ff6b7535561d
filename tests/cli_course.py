"""A course of two small lessons, and the command line run on it as a learner runs it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ADDING, LENDING = "01_adding", "02_lending"

PAGE = """---
part: {part}
minutes: {minutes}
belief: "{title} needs no thought."
database: sqlite
---
# {title}
"""

ADDING_SUITE = '''
from sessionlab.verdict import Mistake, expect

MISTAKES = {"OFF": Mistake("The sum is one too large.", "Sums")}
HINTS = {"adds": ["What is a sum?", "Count on your fingers."], "doubles": ["Twice as much."]}


def test_adds(host):
    """add returns the sum."""
    outcome = host.call("add", 1, 2)
    expect(outcome.value == 3, observed=str(outcome), expected="3", mistake="OFF" if outcome.value == 4 else None)


def test_doubles(host):
    """double returns twice as much, and says so in a title that is too long for one line of eighty columns."""
    outcome = host.call("double", 4)
    expect(outcome.value == 8, observed=str(outcome), expected="8")
'''

ADDING_SOLUTION = '''\
def add(a, b):
    """Return the sum."""
    # region answer: add the two numbers
    return a + b
    # endregion


def double(a):
    """Return twice as much."""
    # region answer: double it
    return a * 2
    # endregion
'''

ADDED = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return a * 2\n"
OFF_BY_ONE = ADDED.replace("a + b", "a + b + 1")
BOTH_WRONG = OFF_BY_ONE.replace("a * 2", "a * 3")
# Goes on until somebody makes the file "go" beside it: a check that is running for as long as a test wants.
WAITING = "import os\nGO = os.path.join(os.path.dirname(__file__), 'go')\n\n\n" + ADDED.replace(
    "    return a + b", "    while not os.path.exists(GO):\n        pass\n    return a + b"
)
ENDLESS = ADDED.replace("    return a + b", "    while True:\n        pass")

LENDING_SUITE = '''
from sessionlab.verdict import expect

HINTS = {"gives_back": ["Who closes the connection?"]}


def test_gives_back(host, database):
    """borrow uses a connection and gives it back."""
    engine, _ = host.engine(database.url)
    outcome = host.call("borrow", engine)
    expect(outcome.value == 1, observed=str(outcome), expected="1")
    expect(not host.trace().out(), observed="a connection is still out", expected="none is out")
'''

LENDING_SOLUTION = '''\
from sqlalchemy import text


def borrow(engine):
    """Ask the database for 1."""
    # region answer: borrow a connection, and give it back
    with engine.connect() as connection:
        return connection.scalar(text("SELECT 1"))
    # endregion
'''

LENT = "from sqlalchemy import text\n\n\ndef borrow(engine):\n    with engine.connect() as connection:\n"
LENT += '        return connection.scalar(text("SELECT 1"))\n'
KEPT = LENT.replace("    with engine.connect() as connection:\n    ", "    connection = engine.connect()\n")


def lay_course(folder: Path) -> Path:
    """Lay the course in a folder, and return its root."""
    _write(
        folder / "pyproject.toml",
        "[tool.sessionlab]\n[tool.pytest.ini_options]\naddopts = '-p sessionlab.grader.suite'\n",
    )
    _lay_lesson(folder, ADDING, "Adding", 1, 10, ADDING_SUITE, ADDING_SOLUTION)
    _lay_lesson(folder, LENDING, "Lending", 2, 20, LENDING_SUITE, LENDING_SOLUTION)
    return folder


def _lay_lesson(
    root: Path, slug: str, title: str, part: int, minutes: int, suite: str, solution: str
) -> None:
    from sessionlab.course.starter import derive

    _write(root / "lessons" / slug / "README.md", PAGE.format(title=title, part=part, minutes=minutes))
    _write(root / "lessons" / slug / "exercise.py", derive(solution, slug))
    _write(root / "solutions" / f"{slug}.py", solution)
    _write(root / "checks" / f"test_{slug}.py", suite)
    notebook = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n'
    _write(root / "notebooks" / f"{slug}.ipynb", notebook)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def write_exercise(course: Path, source: str | bytes, slug: str = ADDING) -> Path:
    """Save the learner's file of a lesson, and return its path."""
    path = course / "work" / slug / "exercise.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return path


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would steer sessionlab, and with more."""
    steering = ("SESSIONLAB_", "PYTEST", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "JUPYTER")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    return {**kept, "PYTHONUTF8": "1", **more}


def sessionlab(course: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a course with no terminal, and return what it wrote and its exit code."""
    return subprocess.run(
        command(*arguments),
        cwd=course,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def command(*arguments: str) -> list[str]:
    """Return the command as a list of words."""
    return [sys.executable, "-m", "sessionlab", *arguments]
