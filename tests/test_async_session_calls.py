"""What the page of lesson 16 says of the calls of Session and AsyncSession holds for the installed SQLAlchemy."""

import inspect
import re
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction
from sqlalchemy.orm import Session

PAGE = Path(__file__).parents[1] / "lessons" / "16_async_session" / "README.md"


def _rows() -> list[tuple[list[str], list[str], str]]:
    """Return the rows of the page's table: the calls of Session, those of AsyncSession, and how they are awaited."""
    section = PAGE.read_text(encoding="utf-8").split("## Which calls are awaited")[1].split("\n## ")[0]
    cells = [
        line.strip("| ").split(" | ")
        for line in section.splitlines()
        if line.startswith("| `") or "| – |" in line
    ]
    return [_row(*row[:3]) for row in cells[1:]]


def _row(plain: str, asynchronous: str, awaited: str) -> tuple[list[str], list[str], str]:
    names = re.findall(r"`(\w+)`", plain)
    return (
        names,
        names if asynchronous == "the same" else re.findall(r"`(\w+)`", asynchronous),
        awaited.strip("` "),
    )


def _calls(cls: type) -> set[str]:
    public = ((name, getattr(cls, name)) for name in dir(cls) if not name.startswith("_"))
    return {name for name, found in public if inspect.isfunction(found) or inspect.ismethod(found)}


def _named(kind: int) -> list[str]:
    return [name for row in _rows() for name in row[kind]]


@pytest.mark.parametrize(("kind", "cls"), [(0, Session), (1, AsyncSession)])
def test_every_call_stands_in_the_table_once(kind, cls):
    """No call of either class is missing, none is made up, none stands twice."""
    assert sorted(_named(kind)) == sorted(_calls(cls))


def test_what_is_awaited_is_a_coroutine_function_and_nothing_else_is():
    """`yes` stands beside coroutine functions, and beside each of them."""
    awaited = {name for _, names, how in _rows() if how == "yes" for name in names}
    assert awaited == {
        name for name in _calls(AsyncSession) if inspect.iscoroutinefunction(getattr(AsyncSession, name))
    }


def test_what_is_entered_returns_a_transaction():
    """`async with` stands beside what returns an AsyncSessionTransaction."""
    entered = {name for _, names, how in _rows() if how == "async with" for name in names}
    assert entered == {"begin", "begin_nested"}
    assert all(isinstance(getattr(AsyncSession(), name)(), AsyncSessionTransaction) for name in entered)
