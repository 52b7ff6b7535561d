"""The hosts of one judge: one; in a judge that stays two, which take turns, and one that has had no submission yet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .host_process import HostEnded, HostProcess
from .patience import Patience

if TYPE_CHECKING:
    from .host import Host

TIDY_SECONDS = 10.0
_TURNS = 2


class Hosts:
    """Hands out a ready host for each check, and replaces those that a submission has spoiled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spare_wanted = False
        self._idle: list[HostProcess] = [HostProcess(folder)]
        self._in_use: list[HostProcess] = []
        self.patience = Patience()

    def keep_spare(self, wanted: bool) -> None:
        """Say whether other hosts should always be there."""
        self._spare_wanted = wanted

    def take(self, source: bytes = b"") -> Host:
        """Return a host that no submission has spoiled, for a submission with this source."""
        self._bury()
        return self._taken(_used_first(self._idle) or HostProcess(self._folder), source)

    def take_idle(self, source: bytes) -> Host | None:
        """Return such a host if one is there and has imported all it needs, otherwise None."""
        self._bury()
        ready = _used_first([process for process in self._idle if process.ready])
        return self._taken(ready, source) if ready else None

    def _bury(self) -> None:
        for process in [process for process in self._idle if not process.alive]:
            self._idle.remove(process)
            process.kill()

    def _taken(self, process: HostProcess, source: bytes) -> Host:
        from .host import Host  # while the first host is importing

        self._idle = [other for other in self._idle if other is not process]
        self._in_use.append(process)
        return Host(process, source, self.patience)

    def give_back(self, host: Host, whole: bool) -> None:
        """Take a host back; one that is not whole is ended."""
        if host.process in self._in_use:
            self._in_use.remove(host.process)
        if whole:
            self._idle.append(host.process)
        else:
            host.process.kill()

    def warm_spare(self) -> None:
        """While nobody waits for a verdict: let the hosts tidy up, and start those that are wanted and not there."""
        for process in self._idle:
            with suppress(HostEnded):  # the next check finds that out, and takes another
                process.send("tidy", TIDY_SECONDS)
        while self._lacking():
            self._idle.append(HostProcess(self._folder))

    def _lacking(self) -> bool:
        if not self._spare_wanted:
            return not self._idle
        return len(self._idle) < _TURNS or all(process.used for process in self._idle)

    def renew(self) -> None:
        """End the hosts that have had a submission, so that the next one taken is fresh."""
        for process in [process for process in self._idle if process.used]:
            self._idle.remove(process)
            process.kill()

    def close(self) -> None:
        """End all of them."""
        for process in [*self._idle, *self._in_use]:
            process.kill()
        self._idle.clear()
        self._in_use.clear()


def _used_first(processes: list[HostProcess]) -> HostProcess | None:
    """Return one that has had a submission, if there is one: the others are for a file that does not load."""
    return min(processes, key=lambda process: not process.used, default=None)
