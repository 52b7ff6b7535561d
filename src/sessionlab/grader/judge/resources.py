"""What a judge holds: a folder, hosts and databases."""

from __future__ import annotations

from contextlib import ExitStack

from .hosts import Hosts
from .temporary_folders import run_folder


class Resources:
    """The hosts, the databases and the folder of one pytest run; in a judge that serves, of all of its runs.

    Its first host starts at once, and takes longer to import than the rest of a judge: so what is imported here
    before is little.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.folder = self._stack.enter_context(run_folder())
        self.hosts = Hosts(self.folder)
        from .databases import Databases

        self.databases = Databases(self.folder)
        self._stack.callback(self.databases.close)
        self._stack.callback(self.hosts.close)

    def close(self) -> None:
        """End the hosts, then the databases, and remove the folder."""
        self._stack.close()
