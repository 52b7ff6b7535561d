"""A PostgreSQL URL, read by psycopg, by SQLAlchemy and by people."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from sessionlab.databases.postgres.error import PostgresError

_SCHEME = re.compile(r"postgres(ql)?(\+\w+)?\Z")
# What asyncpg.connect() takes among libpq's options: https://magicstack.github.io/asyncpg/current/api/
_ASYNCPG = {"host", "port", "passfile", "service", "target_session_attrs", "krbsrvname"}
_EXAMPLE = "postgresql://user:password@localhost:5432/postgres,"


def normalised(text: str, source: str) -> str:
    """Return `text` as a SQLAlchemy URL for psycopg 3, `postgresql+psycopg://…`.

    `source` is where `text` comes from, and stands in the error. Raises PostgresError for what is no URL of a
    PostgreSQL server; its words never hold the password.
    """
    parts = _split(text.strip(), source)
    return urlunsplit(parts._replace(scheme="postgresql+psycopg", path=parts.path or "/"))


def with_driver(url: str, driver: str) -> str:
    """Return `url` for another driver of SQLAlchemy's, such as `asyncpg`.

    asyncpg knows few of libpq's options: `sslmode` becomes its `ssl`, and those it would reject are left out.
    """
    parts = urlsplit(url)
    options = parse_qsl(parts.query, keep_blank_values=True)
    if driver == "asyncpg":
        renamed = [("ssl" if name == "sslmode" else name, value) for name, value in options]
        options = [(name, value) for name, value in renamed if name in _ASYNCPG | {"ssl"}]
    return urlunsplit(parts._replace(scheme=f"postgresql+{driver}", query=urlencode(options)))


def with_database(url: str, name: str) -> str:
    """Return `url` with the database `name` in place of its own."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name, safe='')}"))


def database_of(url: str) -> str:
    """Return the name of the database that `url` names; empty where it names none."""
    return unquote(urlsplit(url).path.removeprefix("/"))


def for_libpq(url: str) -> str:
    """Return `url` as libpq reads it: without the name of a driver."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql"))


def masked(url: str) -> str:
    """Return `url` as it may be shown: `***` in place of each password."""
    parts = urlsplit(url)
    who, at, where = parts.netloc.rpartition("@")
    user, colon, _ = who.partition(":")
    shown = f"{user}:***" if colon else user
    query = re.sub(r"(?<![a-z])((?:ssl)?password=)[^&]*", r"\1***", parts.query)
    return urlunsplit(parts._replace(netloc=f"{shown}{at}{where}", query=query))


def _split(text: str, source: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        if "#" in text:
            raise _unreadable(source, "A '#' ends the address in the middle.")
        if not _SCHEME.match(parts.scheme):
            raise _unreadable(source, f"It starts with {_start(text)!r}, not with 'postgresql://'.")
        if "," not in parts.netloc:
            parts.port  # noqa: B018  # reading it is what checks it
    except ValueError:  # its own words would show what it took for a port: part of a password
        raise _unreadable(source, "Its host or its port cannot be read.") from None
    if not parts.netloc and not parts.query:
        raise _unreadable(source, "It names no host.")
    return parts


def _start(text: str) -> str:
    scheme, colon, _ = text.partition("://")
    return scheme + colon if colon else text[:3] + "…"


def _unreadable(source: str, reason: str) -> PostgresError:
    hint = f"write it like {_EXAMPLE} with : / @ # ? % [ ] in a password as percent codes."
    return PostgresError(f"{source} is not the URL of a PostgreSQL server.", reason, hint)
