"""A trace tells what each statement brought back, and a program that is watched gets the same rows."""

import asyncio

import pytest
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from sessionlab.recorder import record


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]


ROWS = [(1, "Ada"), (2, "Bo"), (3, "Cy"), (4, "Di")]


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'bank.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Account(id=number, owner=owner) for number, owner in ROWS)
        session.commit()
    yield engine
    engine.dispose()


def data(recording, kind: str = "statement") -> dict:
    """Return what is known of the only statement, but for its parameters and what was sent before it."""
    (event,) = recording.trace.of(kind)
    return {key: value for key, value in event.data.items() if key not in ("parameters", "began", "back")}


@pytest.mark.parametrize(
    "fetch",
    [
        lambda result: result.all(),
        lambda result: list(result),
        lambda result: [*iter(result.fetchone, None)],
        lambda result: [row for part in result.partitions(3) for row in part],
        lambda result: [*result.fetchmany(1), *result.fetchall()],
        lambda result: [*result.mappings()] and ROWS,
    ],
)
def test_however_rows_are_fetched_they_are_seen(engine, fetch):
    """Each way to fetch gives the program its rows, and the trace the first three of them and their number."""
    with record() as recording, engine.connect() as connection:
        assert fetch(connection.execute(text("SELECT id, owner FROM accounts ORDER BY id"))) == ROWS
    assert data(recording) == {"rows": [list(row) for row in ROWS[:3]], "fetched": 4}


def test_the_orm_s_rows_are_seen(engine):
    """Also those of which it makes objects."""
    with record() as recording, Session(engine) as session:
        assert session.get(Account, 2).owner == "Bo"
    assert data(recording) == {"rows": [[2, "Bo"]], "fetched": 1}


def test_what_is_not_fetched_is_not_counted(engine):
    """Rows that the program leaves in the cursor are not the trace's either."""
    with record() as recording, engine.connect() as connection:
        result = connection.execute(text("SELECT id, owner FROM accounts ORDER BY id"))
        assert result.fetchone() == (1, "Ada")
        result.close()
    assert data(recording) == {"rows": [[1, "Ada"]], "fetched": 1}


def test_no_row_is_told_from_nothing_fetched(engine):
    """A SELECT that finds nothing says so."""
    with record() as recording, engine.connect() as connection:
        assert connection.scalar(text("SELECT owner FROM accounts WHERE id = 9")) is None
    assert data(recording) == {"rows": [], "fetched": 0}


def test_changed_rows_are_counted(engine):
    """A statement that returns no rows says how many it changed."""
    with record() as recording, engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET owner = 'Eve' WHERE id > 2"))
    assert data(recording) == {"changed": 2}


def test_what_a_statement_returns_is_seen(engine):
    """RETURNING brings rows back as SELECT does."""
    with record() as recording, engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET owner = 'Eve' WHERE id = 4 RETURNING owner")).scalar()
    assert data(recording) == {"rows": [["Eve"]], "fetched": 1}


def test_rows_that_sqlalchemy_reads_twice_count_once(engine):
    """An ORM INSERT gives the program its objects; SQLAlchemy has read their rows before, for the keys."""
    with record() as recording, Session(engine) as session:
        new = session.scalar(insert(Account).returning(Account), [{"owner": "Eve"}])
        assert (new.id, new.owner) == (5, "Eve")
    assert data(recording) == {"rows": [[5, "Eve"]], "fetched": 1}


def test_async_rows_are_seen(engine):
    """An AsyncSession fetches by the same methods."""

    async def program() -> None:
        again = create_async_engine(engine.url.set(drivername="sqlite+aiosqlite"))
        async with AsyncSession(again) as session:
            assert (await session.get(Account, 1)).owner == "Ada"
        await again.dispose()

    with record() as recording:
        asyncio.run(program())
    assert data(recording) == {"rows": [[1, "Ada"]], "fetched": 1}


def test_a_statement_that_failed_brought_nothing_back(engine):
    """There is nothing to note, and the program gets its error."""
    with record() as recording, engine.connect() as connection, pytest.raises(OperationalError):
        connection.execute(text("SELECT nothing"))
    assert data(recording) == {}


def test_values_are_kept_short_and_as_json(engine):
    """A long text is cut, and what JSON does not have is a repr."""
    with record() as recording, engine.connect() as connection:
        connection.execute(text("SELECT :long, x'00ff', 1.5, NULL"), {"long": "x" * 500}).all()
    ((long, blob, *others),) = data(recording)["rows"]
    assert (len(long), blob, others) == (60, r"b'\x00\xff'", [1.5, None])


def test_a_published_trace_says_how_many_but_not_what(engine):
    """Values may differ from run to run; their number does not."""
    with record() as recording, Session(engine) as session:
        session.get(Account, 2)
    assert recording.trace.published().first("statement").data == {"fetched": 1}
