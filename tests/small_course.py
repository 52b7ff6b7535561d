"""A course of one small lesson, for tests of the grader that need no real lesson."""

from pathlib import Path

SLUG = "01_small"

README = """---
part: 1
minutes: 5
belief: "Adding is hard."
database: sqlite
---
# Small
"""

SUITE = '''
from sessionlab.verdict import Mistake, expect

MISTAKES = {"OFF": Mistake("The sum is off.", "Sums")}
HINTS = {"adds": ["What is a sum?"]}


def test_adds(host):
    """add returns the sum."""
    outcome = host.call("add", 1, 2)
    expect(outcome.value == 3, observed=str(outcome), expected="3", mistake="OFF" if outcome.value == 4 else None)


def test_doubles(host):
    """double returns twice as much."""
    outcome = host.call("double", 4)
    expect(outcome.value == 8, observed=str(outcome), expected="8")


def test_waits(host):
    """later returns its argument, once it is awaited."""
    outcome = host.call_async("later", 1)
    expect(outcome.value == 1, observed=str(outcome), expected="1")


def test_borrows(host, database):
    """borrow uses a connection and gives it back."""
    engine, _ = host.engine(database.url, pool_size=2, max_overflow=0)
    outcome = host.call("borrow", engine)
    expect(outcome.value == 1, observed=str(outcome), expected="1")
    expect(not host.trace().out(), observed="a connection is out", expected="none is out")
'''

GOOD = """
from sqlalchemy import text


def add(a, b):
    return a + b


def double(a):
    return a * 2


async def later(a):
    return a


def borrow(engine):
    with engine.connect() as connection:
        return connection.scalar(text("SELECT 1"))
"""


def lay(folder: Path) -> Path:
    """Lay the course and return its root."""
    lesson, checks = folder / "lessons" / SLUG, folder / "checks"
    lesson.mkdir(parents=True)
    checks.mkdir()
    (folder / "pyproject.toml").write_text(
        "[tool.sessionlab]\n[tool.pytest.ini_options]\naddopts = '-p sessionlab.grader.suite'\n"
    )
    (lesson / "README.md").write_text(README)
    (lesson / "exercise.py").write_text(
        "def add(a, b):\n    # TODO: add\n    raise NotImplementedError('add')\n"
    )
    (checks / f"test_{SLUG}.py").write_text(SUITE)
    return folder
