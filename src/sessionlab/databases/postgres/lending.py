"""A PostgreSQL server on loan, for as long as a `with` lasts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sessionlab.databases.postgres.available import connected, own_url
from sessionlab.databases.postgres.server import Server
from sessionlab.databases.postgres.wheel import find, why_none

if TYPE_CHECKING:
    import psycopg


class Own(Server):
    """A server of one's own, which is neither started nor stopped."""

    def __init__(self, url: str) -> None:
        self._named = url
        super().__init__(secrets.token_hex(4))

    def _connect(self) -> tuple[str, psycopg.Connection]:
        return self._named, connected(self._named, self.application)


@contextmanager
def lease() -> Iterator[Server]:
    """Lend a running server: the one that SESSIONLAB_POSTGRES_URL names, else the wheel's.

    The wheel's is started on first need and shared by all who lease it at once, in whatever process.
    It is stopped when the last gives it back, or is gone. Raises PostgresError where there is none to be had.
    """
    url = own_url()
    with _own(url) if url else _embedded() as lent, closing(lent) as server:
        yield server


@contextmanager
def _own(url: str) -> Iterator[Server]:
    server = Own(url)
    server.prune()
    yield server


@contextmanager
def _embedded() -> Iterator[Server]:
    wheel = find()
    if wheel is None:
        raise why_none()
    from sessionlab.databases.postgres import embedded  # psutil and filelock: only where they are needed

    with embedded.lent(wheel) as server:
        yield server
