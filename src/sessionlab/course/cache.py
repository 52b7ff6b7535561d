"""What took long to make is kept under the digest of all that it was made from: the next run makes nothing.

It lies outside the checkout, in the user's cache folder or where SESSIONLAB_CACHE says, so that a fresh clone finds
it again, and may be deleted at any time.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from .errors import WrongUse
from .whole_files import make_folder, replace

VARIABLE = "SESSIONLAB_CACHE"
_KEPT = 30 * 86400  # seconds: going back to an older commit within a month costs nothing


def cache_folder() -> Path:
    """Return the folder for what may be thrown away: SESSIONLAB_CACHE, or `sessionlab` in the user's cache folder."""
    from platformdirs import user_cache_path  # only authors' commands keep anything

    named = os.environ.get(VARIABLE, "").strip()
    return Path(named).absolute() if named else user_cache_path("sessionlab", appauthor=False)


class Cache:
    """A folder of files that may be thrown away at any time. One that can't be written keeps nothing.

    A file is written whole or not at all, so that a crash or a second writer loses nothing. A `fresh` one gives
    back only what it was given itself.
    """

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        self._folder = folder
        self._mine: set[str] | None = set() if fresh else None

    def get(self, key: str, name: str) -> bytes | None:
        """Return what was kept under a key and a name, or None."""
        if self._mine is not None and key not in self._mine:
            return None
        path = self._folder / key / name
        try:
            data = path.read_bytes()
            os.utime(path.parent)
        except OSError:
            return None
        return data

    def put(self, key: str, name: str, data: bytes) -> None:
        """Keep data under a key and a name."""
        if self._mine is not None:
            self._mine.add(key)
        with suppress(WrongUse):
            make_folder(self._folder / key)
            replace(self._folder / key / name, data)

    def prune(self) -> None:
        """Remove what was neither made nor used for a month; another process may be doing the same."""
        with suppress(OSError):
            for folder in self._folder.iterdir():
                if time.time() - folder.stat().st_mtime > _KEPT:
                    shutil.rmtree(folder, ignore_errors=True)


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
