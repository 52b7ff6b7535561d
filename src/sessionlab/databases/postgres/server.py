"""A running PostgreSQL server, and a database of its for each run."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sessionlab.databases.postgres.connection import NoAnswer, NoRoom, connect, driver_or_error, version_of
from sessionlab.databases.postgres.error import PostgresError
from sessionlab.databases.postgres.url import database_of, with_database

if TYPE_CHECKING:
    import psycopg

_OURS = re.compile(r"sessionlab[ _]([0-9a-f]{8})(_\d+)?\Z")
GONE = "PostgreSQL went away while it was in use."
AGAIN = "run this again: the next run begins with a server that answers."
# What to do where PostgreSQL makes no database: https://www.postgresql.org/docs/current/errcodes-appendix.html
_HINTS = {
    "3D000": "the template must exist on the same server while it is copied.",
    "42501": "give that user the right: ALTER ROLE … CREATEDB.",
    "53100": "free some room on the server's disk, then run this again.",
    "55006": "dispose of every engine on the template before it is copied.",
}


class Server:
    """A PostgreSQL server that is lent to one client.

    `url` is the URL of its maintenance database, `version` is such as `18.4`.
    """

    _strategy = ""  # of CREATE DATABASE, whose own choice it is otherwise

    def __init__(self, client: str) -> None:
        self._client = client
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.url, self._connection = self._connect()
        self.version = version_of(self._connection)

    @property
    def application(self) -> str:
        """The name by which `pg_stat_activity` shows that this client is alive."""
        return f"sessionlab {self._client}"

    def _connect(self) -> tuple[str, psycopg.Connection]:
        """Return the URL of the server, and a connection to it. Raises PostgresError where there is none."""
        raise NotImplementedError

    def _gone(self, error: Exception) -> PostgresError:
        """Return what to say where the server went away."""
        return PostgresError(GONE, str(error).strip(), AGAIN)

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """Yield the URL, `postgresql+psycopg://…`, of a new database; drop it with its connections later.

        `template` is the URL, or the name, of a database on this server to copy, with nobody connected.
        Without one the database is empty. A server that was killed before is started again. Raises
        PostgresError where the database cannot be made.
        """
        name = f"sessionlab_{self._client}_{next(self._numbers)}"
        self._create(name, _name(template) if template else "template0")
        try:
            yield with_database(self.url, name)
        finally:
            self._drop(name)

    def check(self) -> None:
        """Return where the server still answers. Raises PostgresError where it went away.

        It tells the environment's fault from the learner's, after a connection was lost. It asks for a new
        connection: an old one outlives a killed server for some milliseconds.
        """
        try:
            connect(self.url, self.application).close()
        except NoRoom:
            return
        except NoAnswer as error:
            raise self._gone(error) from error

    def prune(self, living: Collection[str] = ()) -> None:
        """Drop the databases that crashed runs left: those of clients neither `living` nor connected.

        The databases are read before the connections, so that one just made is never taken for a dead run's.
        """
        found = self._rows("SELECT datname FROM pg_database WHERE datname LIKE 'sessionlab%'")
        busy = self._rows("SELECT application_name, datname FROM pg_stat_activity")
        alive = {client for application, _ in busy if (client := _client_of(application))} | set(living)
        used = {database for _, database in busy}
        for (name,) in found:
            if (client := _client_of(name)) and client not in alive and name not in used:
                self._drop(name)

    def close(self) -> None:
        """Give the client's own connection back."""
        self._connection.close()

    def _create(self, name: str, template: str) -> None:
        driver = driver_or_error()
        try:
            self._execute(f"CREATE DATABASE {{}} TEMPLATE {{}} {self._strategy}", name, template)
        except driver.Error as error:
            if error.sqlstate is None or self._connection.closed:
                raise self._gone(error) from error
            fact = f"PostgreSQL {self.version} made no database for this run."
            raise PostgresError(fact, str(error).strip(), _HINTS.get(error.sqlstate, AGAIN)) from error

    def _drop(self, name: str) -> None:
        """Where the server went away the next run drops it: here an error would hide the one that matters."""
        with suppress(driver_or_error().Error, PostgresError):
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, command: str, *names: str) -> None:
        from psycopg import OperationalError, sql

        query = sql.SQL(command).format(*map(sql.Identifier, names))
        with self._lock:
            try:
                self._alive().execute(query)
            except OperationalError:
                if not self._connection.closed:
                    raise
                self._alive().execute(query)  # the server was killed a moment ago

    def _rows(self, query: str) -> list[Any]:
        with self._lock:
            return self._alive().execute(query.encode()).fetchall()

    def _alive(self) -> psycopg.Connection:
        """Return the client's connection; a new one where the server was killed or ended it."""
        try:
            self._connection.execute("SELECT 1")
        except driver_or_error().OperationalError:
            self._connection.close()
            self.url, self._connection = self._connect()
        return self._connection


def _name(template: str) -> str:
    return database_of(template) if "://" in template else template


def _client_of(name: str | None) -> str | None:
    found = _OURS.match(name or "")
    return found[1] if found else None
