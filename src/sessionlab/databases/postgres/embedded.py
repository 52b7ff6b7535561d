"""The embedded server on loan: joined under a lock, and stopped by the last who leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from sessionlab.databases.postgres import cluster, keeper, process
from sessionlab.databases.postgres.place import Place, place_for
from sessionlab.databases.postgres.server import Server, application_of
from sessionlab.databases.postgres.wheel import Wheel

if TYPE_CHECKING:
    import psycopg


@contextmanager
def lent(wheel: Wheel) -> Iterator[Server]:
    """Lend the embedded server, started on first need. Raises PostgresError where it cannot be started."""
    place = place_for(wheel.version)
    with ExitStack() as stack:
        stack.callback(_stop_if_unused, place, wheel)
        try:
            server, living = _joined(place, wheel, stack)
        except OSError as error:
            raise cluster.cannot(place, "started", str(error)) from error
        server.prune(living)
        yield server


def _joined(place: Place, wheel: Wheel, stack: ExitStack) -> tuple[Server, set[str]]:
    """Return the server, and who uses it. The keeper comes first: it sees when a user is killed in mid-start."""
    with place.locked():
        client = stack.enter_context(place.client())
        keeper.ensure(place, wheel)
        url, connection = cluster.ensure(place, wheel, application_of(client))
        # To copy files is half the work of a copy through the log. It begins by a checkpoint: nothing, here.
        server = Server(client, url, connection, partial(_again, place, wheel, client), "STRATEGY FILE_COPY")
        return server, place.living()


def _again(place: Place, wheel: Wheel, client: str) -> tuple[str, psycopg.Connection]:
    """The server was killed under its users: the first to notice starts it again."""
    with place.locked():
        return cluster.ensure(place, wheel, application_of(client))


def _stop_if_unused(place: Place, wheel: Wheel) -> None:
    try:
        with place.locked():
            if not place.living():
                process.stop(place, wheel)
    except FileNotFoundError:  # somebody removed the folder under the server
        process.end(place)
