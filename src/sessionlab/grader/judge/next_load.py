"""The next check's host and database: while one check runs, another host loads the submission for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from .databases import Databases
from .host import Host
from .hosts import Hosts


@dataclass(frozen=True)
class _Prepared:
    """A host that loads the submission, the database that it does so on, and what removes that."""

    host: Host
    database: Any
    stack: ExitStack


class Ahead:
    """Prepares one check ahead, where a second host is idle: a judge that has but one prepares nothing."""

    def __init__(self, hosts: Hosts, databases: Databases) -> None:
        self._hosts = hosts
        self._databases = databases
        self._next: _Prepared | None = None
        self._now: Host | None = None

    def prepare(self, kind: str, source: bytes, path: str, given: str) -> None:
        """Let an idle host begin to load the submission, on a new database of this kind, if none does so yet."""
        if self._next is None and (host := self._hosts.take_idle(source)) is not None:
            stack = ExitStack()
            made = stack.enter_context(self._databases.new(kind))
            self._next = _Prepared(host, made, stack)
            host.begin_loading({"DATABASE_URL": made.url}, path, given)

    @contextmanager
    def database(self, kind: str) -> Iterator[Any]:
        """Yield the database that is prepared, or a new one; it is removed at the end of the block."""
        prepared, self._next = self._next, None
        with prepared.stack if prepared else ExitStack() as stack:
            self._now = prepared.host if prepared else None
            try:
                yield prepared.database if prepared else stack.enter_context(self._databases.new(kind))
            finally:
                self._give_back(self.host())

    def host(self) -> Host | None:
        """Return the host that loads on the database that was yielded last, once, to keep; None if there is none."""
        host, self._now = self._now, None
        return host

    def discard(self) -> None:
        """Give back what was prepared and what nobody came for."""
        prepared, self._next = self._next, None
        if prepared is not None:
            with prepared.stack:
                self._give_back(prepared.host)

    def _give_back(self, host: Host | None) -> None:
        if host is not None:
            whole, _ = host.end()
            self._hosts.give_back(host, whole)
