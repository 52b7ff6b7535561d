"""A connection of the course's own, by psycopg 3, which is imported on first use."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from sessionlab.databases.postgres.error import PostgresError
from sessionlab.databases.postgres.url import for_libpq

if TYPE_CHECKING:
    import psycopg

_TIMEOUT = 10  # seconds; libpq counts in whole ones
_OLDEST = 130_000  # DROP DATABASE … WITH (FORCE): https://www.postgresql.org/docs/13/release-13.html
_COMING = ("starting up", "shutting down", "recovery mode", "not yet accepting")


class NoAnswer(Exception):
    """The server did not take the connection; the text is libpq's.

    `coming`: it says that it will. `final`: it says why it never will, such as a wrong password.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.coming = any(word in text for word in _COMING)
        self.final = "FATAL:" in text and not self.coming


class NoRoom(PostgresError):
    """The server answers, but all its connections are taken."""

    def __init__(self, said: str) -> None:
        fact = "PostgreSQL takes no further connection."
        hint = "end the programs that hold them; `select * from pg_stat_activity` shows whose they are."
        super().__init__(fact, said, hint)


def connect(url: str, application: str) -> psycopg.Connection:
    """Return an autocommit connection that `pg_stat_activity` shows as `application`.

    Raises NoAnswer where there is none to be had, and PostgresError where psycopg is missing or all
    connections are taken.
    """
    driver = driver_or_error()
    try:
        connection: psycopg.Connection = driver.connect(
            for_libpq(url), application_name=application, connect_timeout=_TIMEOUT, autocommit=True
        )
    except driver.OperationalError as error:
        if "too many clients" in str(error) or "remaining connection slots" in str(error):
            raise NoRoom(str(error)) from error
        raise NoAnswer(str(error).strip()) from error
    return connection


def driver_or_error() -> ModuleType:
    """Return the module psycopg. Raises PostgresError where it cannot be imported."""
    try:
        import psycopg
    except ImportError as error:
        fact = "PostgreSQL cannot be reached: the driver psycopg does not import."
        raise PostgresError(fact, str(error), 'python -m pip install "psycopg[binary]"') from error
    return psycopg


def version_of(connection: psycopg.Connection) -> str:
    """Return the server's version, such as `18.4`. Raises PostgresError, and closes, where it is too old."""
    number = connection.info.server_version
    version = f"{number // 10_000}.{number % 10_000}"
    if number >= _OLDEST:
        return version
    connection.close()
    fact = f"PostgreSQL {version} is too old for the course."
    raise PostgresError(fact, "It cannot drop a database that is in use; 13 can.", "name a newer server.")
