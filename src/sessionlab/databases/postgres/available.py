"""Which PostgreSQL holds here, without starting one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sessionlab.databases.postgres.connection import NoAnswer, connect, driver_or_error, version_of
from sessionlab.databases.postgres.error import PostgresError
from sessionlab.databases.postgres.url import masked, normalised
from sessionlab.databases.postgres.wheel import DISTRIBUTION, find, why_none

if TYPE_CHECKING:
    import psycopg

VARIABLE = "SESSIONLAB_POSTGRES_URL"
_MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
_HINT = f"see that it runs and takes this user's password; or unset {VARIABLE}, and the embedded one is used."


@dataclass(frozen=True)
class Availability:
    """Which PostgreSQL a lesson would run on.

    `kind` says which holds, and `source` where it comes from; `version` is such as `18.4`, where it is
    known; `error` says why it cannot be used, and what to do.
    """

    kind: Literal["own", "embedded", "none"]
    source: str = ""
    version: str | None = None
    error: PostgresError | None = None

    @property
    def usable(self) -> bool:
        """Whether a lease would get a server, as far as can be told without starting one."""
        return self.error is None

    def __str__(self) -> str:
        if self.error:
            return str(self.error)
        return f"PostgreSQL {self.version} ({self.kind}: {self.source})"


def availability() -> Availability:
    """Tell which PostgreSQL holds: one's own, or the wheel's.

    One's own is asked for its version, and never passed over for the wheel's, which is not started.
    """
    try:
        driver_or_error()
        return _own() or _embedded()
    except PostgresError as error:
        return Availability("none", error=error)


def own_url() -> str | None:
    """Return the URL of one's own server, or None where none is named. PostgresError where it is no URL."""
    named = os.environ.get(VARIABLE, "").strip()
    return normalised(named, VARIABLE) if named else None


def _unreachable(url: str, said: str) -> PostgresError:
    """Return what to say where one's own server does not answer."""
    return PostgresError(f"The server that {VARIABLE} names does not answer: {masked(url)}", said, _HINT)


def connected(url: str, application: str) -> psycopg.Connection:
    """Return a connection to one's own server. PostgresError where it does not answer, or lets make no database."""
    try:
        connection = connect(url, application)
    except NoAnswer as error:
        raise _unreachable(url, str(error)) from error
    may = connection.execute(_MAY_CREATE).fetchone()
    if may is None or may[0]:
        return connection
    connection.close()
    fact = f"The server that {VARIABLE} names makes no database for this user: {masked(url)}"
    raise PostgresError(
        fact, "Each run needs one of its own.", "give that user the right: ALTER ROLE … CREATEDB."
    )


def _own() -> Availability | None:
    try:
        url = own_url()
        if url is None:
            return None
        with connected(url, "sessionlab doctor") as connection:
            return Availability("own", f"{VARIABLE}={masked(url)}", version_of(connection))
    except PostgresError as error:
        return Availability("own", VARIABLE, error=error)


def _embedded() -> Availability:
    wheel = find()
    if wheel is None:
        return Availability("none", error=why_none())
    source = f"{DISTRIBUTION} {wheel.version}"
    try:
        return Availability("embedded", source, wheel.server_version())
    except PostgresError as error:
        return Availability("embedded", source, error=error)
