"""The hosts of one judge: one in use, and in a judge that stays, another that is warming up."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .process import HostEnded, HostProcess

if TYPE_CHECKING:
    from .host import Host

TIDY_SECONDS = 10.0


class Hosts:
    """Hands out a ready host for each check, and replaces those that a submission has spoiled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spare_wanted = False
        self._current: HostProcess | None = HostProcess(folder)
        self._spare: HostProcess | None = None

    def keep_spare(self, wanted: bool) -> None:
        """Say whether another host should always be warming up."""
        self._spare_wanted = wanted

    def take(self, source: bytes = b"") -> Host:
        """Return a host that no submission has spoiled, for a submission with this source."""
        if self._current is None or not self._current.alive:
            self._drop()
            self._current, self._spare = self._spare or HostProcess(self._folder), None
        from .host import Host  # while the first host is importing

        return Host(self._current, source)

    def give_back(self, host: Host, whole: bool) -> None:
        """Take a host back; one that is not whole is ended."""
        if not whole:
            self._drop()

    def warm_spare(self) -> None:
        """While nobody waits for a verdict: let the host tidy up, and start a spare, if one is wanted."""
        if self._current is not None:
            with suppress(HostEnded):  # the next check finds that out, and takes another
                self._current.send("tidy", TIDY_SECONDS)
        if self._current is None:
            self._current = self._spare or HostProcess(self._folder)
            self._spare = None
        if self._spare_wanted and self._spare is None:
            self._spare = HostProcess(self._folder)

    def renew(self) -> None:
        """End the current host, so that the next one taken is fresh."""
        self._drop()

    def _drop(self) -> None:
        if self._current is not None:
            self._current.kill()
            self._current = None

    def close(self) -> None:
        """End all of them."""
        for process in (self._current, self._spare):
            if process is not None:
                process.kill()
        self._current = self._spare = None
