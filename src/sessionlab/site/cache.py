"""What took long to make is kept under the digest of all that it was made from: the next build makes nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from ..course.errors import WrongUse
from ..course.whole_files import make_folder, replace

_KEPT = 30 * 86400  # seconds: going back to an older commit within a month costs nothing


class Cache:
    """A folder of files that may be thrown away at any time. One that can't be written keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str, name: str) -> bytes | None:
        """Return what was kept under a key and a name, or None."""
        path = self._folder / key / name
        try:
            data = path.read_bytes()
            os.utime(path.parent)
        except OSError:
            return None
        return data

    def put(self, key: str, name: str, data: bytes) -> None:
        """Keep data under a key and a name."""
        with suppress(WrongUse):
            make_folder(self._folder / key)
            replace(self._folder / key / name, data)

    def prune(self) -> None:
        """Remove what was neither made nor used for a month."""
        with suppress(OSError):
            for folder in self._folder.iterdir():
                if time.time() - folder.stat().st_mtime > _KEPT:
                    _remove(folder)


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink(missing_ok=True)
    folder.rmdir()


def digest(*parts: str | bytes) -> str:
    """Return a digest of these parts, as 40 hexadecimal digits."""
    found = sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        found.update(b"%d:%b" % (len(data), data))
    return found.hexdigest()[:40]


def contents(paths: Iterable[Path]) -> str:
    """Return a digest of these files' names and contents; one that is missing counts as empty."""
    parts = [part for path in sorted(paths) for part in (path.name, _content(path))]
    return digest(*parts)


def _content(path: Path) -> bytes:
    try:
        return b"+" + path.read_bytes()
    except OSError:
        return b"-"
