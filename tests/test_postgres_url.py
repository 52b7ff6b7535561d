"""A PostgreSQL URL: what is taken for one, and what becomes of it."""

import pytest
from sqlalchemy import make_url

from sessionlab.databases.postgres import PostgresError, with_driver
from sessionlab.databases.postgres.url import database_of, for_libpq, masked, normalised, with_database


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
def test_any_way_of_writing_postgresql_is_taken(scheme):
    """Hosters write `postgres://`, other code names its own driver: psycopg 3 takes its place."""
    assert normalised(f" {scheme}://me:pw@host:5433/bank?sslmode=require\n", "X") == (
        "postgresql+psycopg://me:pw@host:5433/bank?sslmode=require"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mysql://me@host/db", "starts with 'mysql://'"),
        ("sqlite:///bank.db", "starts with 'sqlite://'"),
        ("postgresqlx://me@host/db", "starts with 'postgresqlx://'"),
        ("localhost", "starts with 'loc…'"),
        ("host=localhost dbname=x", "starts with 'hos…'"),
        ("postgresql:///db", "names no host"),
        ("postgresql://me:a#b@host/db", "'#' ends the address"),
        ("postgresql://me:secret/x@host/db", "host or its port cannot be read"),
        ("postgresql://host:99999/db", "host or its port cannot be read"),
        ("postgresql://[::1/db", "host or its port cannot be read"),
        ("postgresql://me:[secret]@host/db", "host or its port cannot be read"),
    ],
)
def test_what_is_no_url_of_a_server_is_told_without_its_password(text, reason):
    """Each says what is wrong with it; none shows a password, not even where a half of it looks like a port."""
    with pytest.raises(PostgresError) as caught:
        normalised(text, "X")
    assert caught.value.fact == "X is not the URL of a PostgreSQL server."
    assert reason in caught.value.reason
    assert "secret" not in str(caught.value)


def test_a_url_reads_the_same_to_sqlalchemy_after_its_database_was_changed():
    """Names and passwords with signs of their own survive."""
    url = with_database(normalised("postgresql://me:p%40ss%2Fw%C3%B6rd@host/old?host=/a%20b", "X"), "new/ä b")
    read = make_url(url)
    assert (read.password, read.database, dict(read.query)) == ("p@ss/wörd", "new/ä b", {"host": "/a b"})
    assert database_of(url) == "new/ä b"


def test_libpq_reads_no_drivers_name():
    """`postgresql+psycopg` is SQLAlchemy's alone."""
    assert for_libpq("postgresql+psycopg://me@host/db") == "postgresql://me@host/db"


def test_asyncpg_gets_the_options_that_it_takes():
    """libpq's `sslmode` is its `ssl`; what it would reject by an error is left out."""
    url = "postgresql+psycopg://me@/db?host=%2Fa+b&port=5433&sslmode=require&connect_timeout=5&application_name=x"
    assert dict(make_url(with_driver(url, "asyncpg")).query) == {
        "host": "/a b",
        "port": "5433",
        "ssl": "require",
    }
    assert make_url(with_driver(url, "psycopg")).query["connect_timeout"] == "5"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:pw@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:p@w@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("postgresql://host/db?user=me&password=pw&x=1", "postgresql://host/db?user=me&password=***&x=1"),
        ("postgresql://host/db?sslpassword=pw", "postgresql://host/db?sslpassword=***"),
    ],
)
def test_no_password_is_shown(url, shown):
    """Wherever in the URL it stands."""
    assert masked(url) == shown
