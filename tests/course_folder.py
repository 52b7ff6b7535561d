"""A small course on disk, for tests: three lessons with page, starter, solution, suite and answers."""

from __future__ import annotations

from pathlib import Path

from sessionlab.course.starter import derive

PAGE = """\
---
part: {part}
minutes: 30
belief: "{belief}"
needs: [{needs}]
database: sqlite
---
# {title}

Text.
"""

SOLUTION = '''\
"""What to write."""

ENGINE = object()


def run(engine):
    """Run it."""
    # region answer: run the engine
    return engine
    # endregion
'''

WRONG = '"""An engine runs by itself.\n\nfails: runs\nmistake: NOT_RUN\n"""\n\n\ndef run(engine):\n    pass\n'
RIGHT = '"""Unlike the solution: a lambda."""\n\nrun = lambda engine: engine\n'


def make_course(root: Path) -> Path:
    """Return the root of a course with the lessons 01, 07 (which has a given file) and 16."""
    write(root / "pyproject.toml", '[project]\nname = "sessionlab"\n\n[tool.sessionlab]\n')
    add_lesson(root, "01_one_engine", title="One engine", part=1)
    add_lesson(root, "07_get_db", title="Who closes `get_db`?", part=2, needs="1")
    write(root / "lessons" / "07_get_db" / "bank.py", "RATE = 3\n")
    add_lesson(root, "16_async_session", title="Sessions that wait", part=4, needs="get_db, 01")
    write(root / "lessons" / "index.md", "# The course\n")
    return root


def add_lesson(root: Path, slug: str, title: str = "A title", part: int = 1, needs: str = "") -> None:
    """Add the files of one lesson to a course."""
    page = PAGE.format(part=part, title=title, needs=needs, belief=f"{slug}: what one believes")
    write(root / "lessons" / slug / "README.md", page)
    write(root / "solutions" / f"{slug}.py", SOLUTION)
    write(root / "lessons" / slug / "exercise.py", derive(SOLUTION, slug))
    write(
        root / "notebooks" / f"{slug}.ipynb",
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n',
    )
    write(root / "checks" / f"test_{slug}.py", "def test_runs():\n    pass\n")
    write(root / "checks" / "answers" / slug / "wrong" / "not_run.py", WRONG)
    write(root / "checks" / "answers" / slug / "right" / "short.py", RIGHT)


def write(path: Path, text: str | bytes) -> Path:
    """Write a file, with the folders above it, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
