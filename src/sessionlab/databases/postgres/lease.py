"""A PostgreSQL server on loan, for as long as a `with` lasts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from sessionlab.databases.postgres.availability import own_url, unreachable
from sessionlab.databases.postgres.connection import NoAnswer, connect
from sessionlab.databases.postgres.server import Server, application_of
from sessionlab.databases.postgres.wheel import find, why_none

if TYPE_CHECKING:
    import psycopg


@contextmanager
def lease() -> Iterator[Server]:
    """Lend a running server: the one that SESSIONLAB_POSTGRES_URL names, else the wheel's.

    The wheel's is started on first need and shared by all who lease it at once, in whatever process.
    It is stopped when the last of them gives it back, or is gone. Raises PostgresError where there is none to be had.
    """
    url = own_url()
    with nullcontext(_own(url)) if url else _embedded() as server:
        try:
            yield server
        finally:
            server.close()


@contextmanager
def _embedded() -> Iterator[Server]:
    wheel = find()
    if wheel is None:
        raise why_none()
    from sessionlab.databases.postgres import embedded  # psutil and filelock: only where they are needed

    with embedded.lent(wheel) as server:
        yield server


def _own(url: str) -> Server:
    client = secrets.token_hex(4)

    def answer() -> tuple[str, psycopg.Connection]:
        try:
            return url, connect(url, application_of(client))
        except NoAnswer as error:
            raise unreachable(url, str(error)) from error

    server = Server(client, *answer(), answer)
    server.prune()
    return server
