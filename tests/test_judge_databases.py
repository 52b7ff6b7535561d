"""The judge's view of a check's database, and its second transaction, are alike on every database."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import psycopg
import pytest

from sessionlab.databases.postgres import availability, lease
from sessionlab.databases.postgres.url import database_of, for_libpq
from sessionlab.grader.judge.databases import Databases
from sessionlab.grader.judge.placeholders import placed
from sessionlab.grader.verdict_document import Failed

HERE = availability()
needs_postgres = pytest.mark.skipif(not HERE.usable, reason=f"needs PostgreSQL: {HERE}")
POSTGRES = pytest.param("postgresql", marks=needs_postgres)
TAKE = "UPDATE accounts SET balance = balance - ? WHERE id = ?"


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    with closing(Databases(tmp_path_factory.mktemp("databases"))) as made:
        yield made


@pytest.fixture(params=["sqlite", POSTGRES])
def database(request, databases):
    with databases.new(request.param) as made:
        made.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER CHECK (balance >= 0))")
        made.execute("INSERT INTO accounts (id, balance) VALUES (?, ?)", 1, 100)
        yield made


@pytest.fixture
def postgres(databases):
    with databases.new("postgresql") as made:
        yield made


def connect(database):
    """Return a connection as the submission has one: not the judge's."""
    if database.kind == "sqlite":
        return closing(sqlite3.connect(database.path))
    return closing(psycopg.connect(for_libpq(database.url)))


def balance(database) -> int:
    return database.value("SELECT balance FROM accounts WHERE id = ?", 1)


def test_the_judge_sees_what_is_committed(database):
    """Rows, a value, a number of rows changed, and whether there is a table."""
    assert database.rows("SELECT id, balance FROM accounts") == [(1, 100)]
    assert database.execute(TAKE, 30, 1) == 1
    assert (balance(database), database.value("SELECT id FROM accounts WHERE id = 2")) == (70, None)
    assert (database.has_table("accounts"), database.has_table("owners")) == (True, False)


def test_a_question_mark_or_a_percent_sign_in_a_text_is_no_placeholder(database):
    """A suite's statements are written once, for every database."""
    seen = database.rows(
        "SELECT 'what? 5%', ?, 7 % 4 WHERE 'a?' LIKE 'a_' AND ? = 'it''s %s'", "%", "it's %s"
    )
    assert seen == [("what? 5%", "%", 3)]


@pytest.mark.parametrize(
    ("sql", "as_psycopg"),
    [
        ("a = ? AND b = ?", b"a = %s AND b = %s"),
        ("a = 'x?y' AND b = ?", b"a = 'x?y' AND b = %s"),
        ('"odd?" = ?', b'"odd?" = %s'),
        ("a LIKE '5%' OR a % ? = 0", b"a LIKE '5%%' OR a %% %s = 0"),
    ],
)
def test_placeholders_are_put_in_one_place(sql, as_psycopg):
    """Outside of quoted text `?` is psycopg's, and a percent sign stays itself."""
    assert placed(sql) == as_psycopg


def test_who_comes_second_waits_and_then_goes_through(database):
    """The second writer does not lose the first one's write, and says what came of it."""
    with database.transaction() as first, database.transaction() as second:
        assert first.run(TAKE, 30, 1)
        assert (str(first.ran), first.open) == ("1 row changed", True)
        assert not second.run(TAKE + " RETURNING balance", 20, 1, commit=True)
        assert (second.ran, second.settle()) == (None, False)
        assert balance(database) == 100
        first.commit()
        assert second.finish().rows == ((50,),)
        assert (second.settle(), second.open, first.open) == (True, False, False)
    assert balance(database) == 50


def test_what_is_not_committed_is_undone(database):
    """Also where the statement still waits when the block ends."""
    with database.transaction() as first, database.transaction() as second:
        assert first.run(TAKE, 30, 1)
        assert not second.run(TAKE, 20, 1, commit=True)
    assert balance(database) == 100
    with database.transaction() as third:
        assert third.run(TAKE, 10, 1, commit=True)
    assert balance(database) == 90


def test_a_statement_that_the_database_rejects_says_so(database):
    """A violated constraint is an outcome, and the transaction can be used again."""
    with database.transaction() as other:
        assert other.run(TAKE, 500, 1, commit=True)
        assert "CheckViolation" in other.ran.error or "IntegrityError" in other.ran.error
        other.rollback()
        assert other.run(TAKE, 5, 1, commit=True)
    assert balance(database) == 95


def test_a_lock_that_is_kept_is_told_as_such(database):
    """The judge waits a second for it, and the verdict says what could not be run."""
    with connect(database) as connection:
        connection.execute("UPDATE accounts SET balance = 0")
        with pytest.raises(Failed) as caught:
            database.execute(TAKE, 1, 1)
        connection.rollback()
    assert caught.value.mistake == "LOCK_KEPT"
    assert "UPDATE accounts" in caught.value.observed
    assert database.execute(TAKE, 1, 1) == 1


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
def test_each_database_is_as_new(databases, kind):
    """Whatever a check leaves, the next one finds nothing of it, nor of its connections."""
    with databases.new(kind) as first:
        first.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY)")
        left = connect(first).__enter__()
        left.execute("INSERT INTO accounts (id) VALUES (1)")
    with databases.new(kind) as second, databases.new(kind) as third:
        assert not second.has_table("accounts")
        assert not third.has_table("accounts")
        assert second.url != third.url
    left.close()


@pytest.mark.parametrize(
    ("left", "again"),
    [
        ("CREATE TABLE a (id SERIAL PRIMARY KEY, name TEXT)", True),
        (
            "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (a INT REFERENCES a); CREATE VIEW v AS TABLE b",
            True,
        ),
        ("CREATE TYPE mood AS ENUM ('sad', 'ok')", False),
        ("CREATE FUNCTION one() RETURNS INT LANGUAGE sql AS 'SELECT 1'", False),
        ("CREATE SCHEMA bank; CREATE TABLE bank.a (id INT)", False),
        ("SELECT lo_create(0)", False),
        ("ALTER DATABASE {} SET default_transaction_isolation = 'serializable'", False),
    ],
)
@needs_postgres
def test_a_database_is_used_again_only_if_it_is_as_new(databases, left, again):
    """Tables are dropped; where anything else is left, the next check gets another database."""
    with databases.new("postgresql") as first, connect(first) as connection:
        connection.execute(left.format(database_of(first.url)))
        connection.commit()
    with databases.new("postgresql") as second:
        assert (second is first) == again
        assert second.value("SELECT count(*) FROM pg_class WHERE oid >= 16384") == 0


@needs_postgres
def test_who_waits_for_whom_is_asked_of_the_server(postgres):
    """A transaction that is in somebody's way knows it, by pg_blocking_pids()."""
    postgres.execute("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT)")
    postgres.execute("INSERT INTO accounts VALUES (1, 100)")
    with postgres.transaction() as first, postgres.transaction() as second:
        first.run(TAKE, 1, 1)
        assert not first.blocks()
        second.run(TAKE, 1, 1)
        assert first.blocks()
        assert not second.blocks()
        assert postgres.waits_for(second.pid) == [first.pid]
        assert postgres.waiting_for(first.pid) == [second.pid]


@needs_postgres
def test_whoever_keeps_a_transaction_open_is_seen(postgres):
    """By its last statement; the judge's own connections don't count."""
    with postgres.transaction() as mine, connect(postgres) as other:
        mine.run("SELECT 1")
        other.execute("SELECT 2")
        assert postgres.idle_in_transaction() == ["SELECT 2"]
        other.rollback()
        assert postgres.idle_in_transaction() == []


@needs_postgres
def test_closing_drops_every_database(tmp_path):
    """Also one that is still in use: the judge may be told to end at any time."""
    with lease() as server, closing(psycopg.connect(for_libpq(server.url), autocommit=True)) as connection:
        made = Databases(tmp_path)
        with made.new("postgresql") as idle:
            pass
        in_use = made.new("postgresql")
        names = [database_of(database.url) for database in (idle, in_use.__enter__())]
        made.close()
        query = "SELECT datname FROM pg_database WHERE datname = ANY(%s)"
        assert connection.execute(query, (names,)).fetchall() == []


def test_who_needs_no_postgresql_pays_for_none():
    """A judge that grades on SQLite imports neither psycopg nor what starts a server."""
    code = "import sys, sessionlab.grader.judge.__main__, sessionlab.grader.suite; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [name for name in loaded.split() if name.startswith(("psycopg", "sessionlab.databases"))] == []


def test_no_other_database_can_be_had(tmp_path):
    """A misspelt kind is the suite's fault."""
    with pytest.raises(ValueError, match="'oracle' is no database"):
        Databases(tmp_path).prepare("oracle")
