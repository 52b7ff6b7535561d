"""Load a submission afresh, and put back afterwards what it changed in this process."""

from __future__ import annotations

import builtins
import difflib
import gc
import linecache
import os
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.event.registry import _EventKey

from ...recorder import listeners
from .logs import Logs

MODULE = "exercise"


class MissingName(Exception):
    """The submission has no such name. `args` are the name and the nearest one that it does have, or ""."""


def load(source: bytes, path: str, given: str = "") -> types.ModuleType:
    """Run a submission's source as a new module, never by way of the import cache, and return it.

    The import cache returns old code after an edit of the same size within one second. Modules that it imports
    are sought in the folder `given` before its own: a lesson's given files count as the course has them.
    Raises whatever the source raises.
    """
    linecache.cache[path] = (len(source), None, _lines(source), path)
    module = types.ModuleType(MODULE)
    module.__file__ = path
    sys.modules[MODULE] = module
    sys.path += [folder for folder in (given, os.path.dirname(path)) if folder and folder not in sys.path]
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    return module


def _lines(source: bytes) -> list[str]:
    return source.decode("utf-8", "replace").splitlines(keepends=True)


def find(module: types.ModuleType, name: str) -> Any:
    """Return what a dotted name stands for in the submission.

    Raises:
        MissingName: with the nearest name that is there.
    """
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            names = [other for other in dir(found) if not other.startswith("__")]
            nearest = difflib.get_close_matches(part, names, n=1, cutoff=0.6)
            raise MissingName(part, nearest[0] if nearest else "")
        found = getattr(found, part)
    return found


@dataclass
class Snapshot:
    """What this process was before a submission came."""

    modules: dict[str, Any] = field(default_factory=lambda: dict(sys.modules))
    path: list[str] = field(default_factory=lambda: list(sys.path))
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    directory: str = field(default_factory=os.getcwd)
    builtins: dict[str, Any] = field(default_factory=lambda: dict(vars(builtins)))
    streams: tuple[Any, Any, Any] = field(default_factory=lambda: (sys.stdin, sys.stdout, sys.stderr))
    recursion: int = field(default_factory=sys.getrecursionlimit)
    collects: bool = field(default_factory=gc.isenabled)
    logs: Logs = field(default_factory=Logs)
    listened: int = field(default_factory=lambda: len(_listened))
    threads: frozenset[threading.Thread] = field(default_factory=lambda: frozenset(threading.enumerate()))

    def restore(self) -> bool:
        """Put everything back; return False if something can't be, so that this host must be replaced."""
        os.chdir(self.directory)
        os.environ.clear()
        os.environ.update(self.environment)
        self._restore_modules(tuple(folder + os.sep for folder in sys.path if folder not in self.path))
        sys.path[:] = self.path
        sys.stdin, sys.stdout, sys.stderr = self.streams
        sys.setrecursionlimit(self.recursion)
        (gc.enable if self.collects else gc.disable)()
        self.logs.restore()
        return self._unlisten() and self._whole()

    def _restore_modules(self, added: tuple[str, ...]) -> None:
        for name, module in list(sys.modules.items()):
            if name not in self.modules and (name == MODULE or _file(module).startswith(added)):
                del sys.modules[name]
        sys.modules.update(self.modules)

    def _unlisten(self) -> bool:
        mine, _listened[self.listened :] = _listened[self.listened :], []
        try:
            for target, name, listener in mine:
                if event.contains(target, name, listener):
                    event.remove(target, name, listener)
        except Exception:  # whatever the reason, a listener that stays makes this host unfit
            return False
        return True

    def _whole(self) -> bool:
        """Say whether wraps, builtins and standard streams stand, and no thread of the submission lives on."""
        ours = ("AnyIO worker thread", "sessionlab", "asyncio_")
        strays = [
            thread
            for thread in threading.enumerate()
            if thread not in self.threads and not thread.name.startswith(ours)
        ]
        return listeners.intact() and not strays and vars(builtins) == self.builtins and _open(0, 1, 2)


def _open(*descriptors: int) -> bool:
    try:
        return all(os.fstat(number) for number in descriptors)
    except OSError:
        return False


def _file(module: Any) -> str:
    return getattr(module, "__file__", None) or ""


_listened: list[tuple[Any, str, Callable[..., Any]]] = []


def watch_listeners() -> None:
    """Note every listener that is put on a class from now on: those on objects go with the objects."""
    original = _EventKey.listen

    def listen_and_note(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if isinstance(self.target, type):
            _listened.append((self.target, self.identifier, self.fn))

    _EventKey.listen = listen_and_note  # type: ignore[method-assign]
