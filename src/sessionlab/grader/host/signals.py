"""A submission may signal its own processes, and no other: neither the judge nor whoever has started it."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

_EVENTS = ("os.kill", "os.killpg")  # https://docs.python.org/3/library/audit_events.html
_OWN_GROUP, _EVERYBODY = 0, -1


def refuse_foreign_signals() -> None:
    """From now on let a signal to a stranger raise PermissionError, here and in what is forked from this process.

    An audit hook can't be taken out again.
    """
    host = os.getpid()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and not _may(host, *arguments):
            raise PermissionError(errno.EPERM, "an exercise can signal only processes that it has started")

    sys.addaudithook(hook)


def _may(host: int, target: int, signal: int) -> bool:
    import psutil

    if not signal or target == _OWN_GROUP:
        return True  # signal 0 only asks whether there is such a process
    if target == _EVERYBODY:
        return False
    return abs(target) in _family(host) or not psutil.pid_exists(abs(target))


def _family(host: int) -> set[int]:
    """Return the host, what has been started from it, and their groups."""
    import psutil

    processes = [host, os.getpid(), *(child.pid for child in psutil.Process(host).children(recursive=True))]
    return {*processes, *map(_group, processes)}


def _group(process: int) -> int:
    try:
        return os.getpgid(process)
    except (AttributeError, OSError):  # Windows has no groups; a process may have ended meanwhile
        return process
