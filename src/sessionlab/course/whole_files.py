"""Files are written whole or not at all, and what stands in the way is never lost."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import WrongUse

_ELSEWHERE = "`sessionlab init DIR` lays a work folder elsewhere; nothing of yours was changed."
_MAKE_ROOM = "make room, and run the command again; nothing of yours was changed."
_FORBIDDEN = "you have no permission to" + (", or another program holds it open" if os.name == "nt" else "")
_REASONS = {
    errno.ENOSPC: ("the disk is full", _MAKE_ROOM),
    getattr(errno, "EDQUOT", -1): ("your share of the disk is used up", _MAKE_ROOM),
    errno.EROFS: ("the file system is read-only", _ELSEWHERE),
    errno.EACCES: (_FORBIDDEN, _ELSEWHERE),
    errno.EPERM: (_FORBIDDEN, _ELSEWHERE),
}


def create(path: Path, data: bytes) -> bool:
    """Write a file that is not there yet. Returns False, and changes nothing, where its name is taken.

    Of two processes at once one writes. Raises WrongUse where the system refuses.
    """
    with explained(path):
        if os.path.lexists(path):
            return False
        with _draft(path, data) as draft:
            return _place(draft, path)


def replace(path: Path, data: bytes) -> None:
    """Write a file, in place of what stood there: a reader sees the old or the new. Raises WrongUse."""
    with explained(path), _draft(path, data) as draft:
        os.replace(draft, path)


def swap(path: Path, data: bytes, backups: Path) -> Path | None:
    """Move the file into the folder of backups and write another in its place; returns the backup, if any.

    Moved, not copied: what an editor saves in the same instant is moved too, never overwritten. The new file
    is written out before, so that a full disk changes nothing. Raises WrongUse where the system refuses.
    """
    backup = None
    with explained(path), _draft(path, data) as draft:
        while True:
            backup = put_aside(path, backups) or backup
            if _place(draft, path):
                return backup


def put_aside(path: Path, backups: Path) -> Path | None:
    """Move a file into the folder of backups under a name of its own; returns it, None where there is none.

    Raises WrongUse where the system refuses.
    """
    if not os.path.lexists(path):
        return None
    make_folder(backups)
    with explained(backups):
        place = _reserve(backups, path.name)
    with explained(path):
        return place if _moved(path, place) else None


def make_folder(path: Path) -> None:
    """Make a folder and those above it; one that exists is fine. Raises WrongUse where the system refuses."""
    with explained(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write `path` into a WrongUse that says why, and what to do."""
    try:
        yield
    except OSError as error:
        taken = path if isinstance(error, FileExistsError) else _in_the_way(path)
        if taken is not None:
            what = "a folder" if taken.is_dir() else "not a folder"
            fact = f"{path} can't be written: {'it' if taken == path else taken} is {what}."
            raise WrongUse(fact, "move it or rename it, and run the command again.") from error
        reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), _ELSEWHERE))
        raise WrongUse(f"{path} can't be written: {reason}.", hint) from error


def _in_the_way(path: Path) -> Path | None:
    if path.is_dir():
        return path
    above = next((folder for folder in path.parents if os.path.lexists(folder)), None)
    return None if above is None or above.is_dir() else above


@contextmanager
def _draft(path: Path, data: bytes) -> Iterator[Path]:
    """A file beside the one to be written, with the mode that a new file gets; gone afterwards."""
    draft = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _place(draft: Path, path: Path) -> bool:
    try:
        if os.name == "nt":
            os.rename(draft, path)  # refuses a name that is taken; on POSIX it would overwrite
        else:
            os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        return _place_reserved(draft, path)
    return True


def _place_reserved(draft: Path, path: Path) -> bool:
    try:
        path.open("xb").close()
    except FileExistsError:
        return False
    os.replace(draft, path)
    return True


def _reserve(backups: Path, name: str) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    count = 1
    while True:
        place = backups / (f"{stamp}-{name}" if count == 1 else f"{stamp}.{count}-{name}")
        try:
            place.open("xb").close()
            return place
        except FileExistsError:
            count += 1


def _moved(path: Path, place: Path) -> bool:
    try:
        _move(path, place)
    except FileNotFoundError:  # another process was first
        place.unlink()
        return False
    except BaseException:
        place.unlink()
        raise
    return True


def _move(path: Path, place: Path) -> None:
    """A link's file stays, and its content is copied: moved, a relative link would point nowhere."""
    if path.is_symlink() and path.exists():
        place.write_bytes(path.read_bytes())
        path.unlink()
        return
    try:
        os.replace(path, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        place.write_bytes(path.read_bytes())
        path.unlink()
