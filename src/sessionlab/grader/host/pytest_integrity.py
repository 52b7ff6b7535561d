"""Whether a library's code is still what was imported: a test file may patch the pytest that runs it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any


class Intact:
    """The functions of some packages, and the methods of their classes, as they are now.

    An object that stands where it stood is held to be unchanged.
    """

    def __init__(self, *packages: str) -> None:
        self._packages = packages
        self._code = dict(self._found())

    def holds(self) -> bool:
        """Say whether each of them is still in its place."""
        now = dict(self._found())
        return all(now.get(place) is code for place, code in self._code.items())

    def _found(self) -> Iterator[tuple[tuple[str, str], Any]]:
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in self._packages:
                yield from _code(name, vars(module))
                for thing in list(vars(module).values()):
                    if inspect.isclass(thing) and thing.__module__ == name:
                        yield from _code(f"{name}.{thing.__qualname__}", vars(thing))


def _code(owner: str, names: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    for name, value in list(names.items()):
        if inspect.isfunction(value) or inspect.isclass(value):
            yield (owner, name), value
