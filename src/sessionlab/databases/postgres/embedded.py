"""The embedded server on loan: joined under a lock, and stopped by the last who leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from sessionlab.databases.postgres import cluster, keeper, process
from sessionlab.databases.postgres.error import PostgresError
from sessionlab.databases.postgres.server import Server
from sessionlab.databases.postgres.server_folder import ServerFolder, place_for
from sessionlab.databases.postgres.wheel import Wheel

if TYPE_CHECKING:
    import psycopg


class Embedded(Server):
    """The wheel's server. Killed under its users, it is started again by the first who notices."""

    # To copy files is half the work of a copy through the log. It begins by a checkpoint: nothing, here.
    _strategy = "STRATEGY FILE_COPY"

    def __init__(self, place: ServerFolder, wheel: Wheel, client: str) -> None:
        self._place, self._wheel = place, wheel
        super().__init__(client)

    def _connect(self) -> tuple[str, psycopg.Connection]:
        with self._place.locked():
            keeper.ensure(self._place, self._wheel)
            return cluster.ensure(self._place, self._wheel, self.application)

    def _gone(self, error: Exception) -> PostgresError:
        return cluster.gone(self._place, str(error))


@contextmanager
def lent(wheel: Wheel) -> Iterator[Server]:
    """Lend the embedded server, started on first need. Raises PostgresError where it cannot be started."""
    place = place_for(wheel.version)
    with ExitStack() as stack:
        stack.callback(_stop_if_unused, place, wheel)
        try:
            with place.locked():
                client = stack.enter_context(place.client())
            server = Embedded(place, wheel, client)
        except OSError as error:
            raise cluster.cannot(place, "started", str(error)) from error
        with place.locked():
            living = place.living()
        server.prune(living)
        yield server


def _stop_if_unused(place: ServerFolder, wheel: Wheel) -> None:
    try:
        with place.locked():
            if not place.living():
                process.stop(place, wheel)
    except FileNotFoundError:  # somebody removed the folder under the server
        process.end(place)
