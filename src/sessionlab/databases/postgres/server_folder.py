"""The folder of the embedded server: whose it is, where it lies, and who is using it.

One folder per user and version of the wheel, directly below the system's temp folder. Who uses it is told by
locks that the operating system lets go of when their holder dies: no process id can be mistaken for another.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sessionlab.databases.postgres.error import PostgresError

_PATIENCE = 60.0  # seconds: what a first start on a slow machine may take others
_GLANCE = 0.02  # seconds between two looks at a lock that another run holds
_SOCKET_PATH = 100  # bytes; the system takes 107 on Linux, 103 on macOS
_TMPDIR = "set TMPDIR to a folder that you may write to, or remove what is in the way."


@dataclass(frozen=True)
class ServerFolder:
    """The folder of one embedded server."""

    folder: Path

    @property
    def data(self) -> Path:
        """The server's own files. It exists only when `initdb` went through."""
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the server's socket."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        """What the server has said since its last start."""
        return self.folder / "log"

    @property
    def secret(self) -> Path:
        """The password of the server's only user."""
        return self.folder / "secret"

    @property
    def tag(self) -> str:
        """What all processes of the server show in their command lines, where the system shows any."""
        return f"sessionlab-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]}"

    @property
    def clients(self) -> Path:
        """One locked file for each run that uses the server."""
        return self.folder / "clients"

    @property
    def by_socket(self) -> bool:
        """Whether the server listens on a socket; else (Windows, or too long a path for one) on loopback."""
        return os.name != "nt" and len(os.fsencode(self.sockets / ".s.PGSQL.5432")) <= _SOCKET_PATH

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock under which the server is started, stopped, joined and left."""
        try:
            with FileLock(self.folder / "lock", timeout=_PATIENCE, poll_interval=_GLANCE):
                yield
        except Timeout:
            raise PostgresError(
                "The embedded PostgreSQL cannot be reached.",
                f"Another run has been starting or stopping it for {_PATIENCE:.0f} seconds ({self.folder}).",
                "end the other run, and try again.",
            ) from None

    @contextmanager
    def client(self) -> Iterator[str]:
        """Count as a user of the server, under the id that is yielded. Enter it under `locked()`."""
        name = secrets.token_hex(4)
        lock = FileLock(self.clients / name, thread_local=False)
        lock.acquire(blocking=False)
        try:
            yield name
        finally:
            lock.release()
            _remove(self.clients / name)

    def living(self) -> set[str]:
        """Return the ids of those who use the server, and forget the dead. Call it under `locked()`."""
        held = {path.name for path in self.clients.iterdir() if not _let_go(path)}
        for path in self.clients.iterdir():
            if path.name not in held:
                _remove(path)
        return held


def _let_go(path: Path) -> bool:
    """Tell whether nobody holds the lock on `path`."""
    try:
        with FileLock(path, blocking=False):
            return True
    except Timeout:
        return False


def _remove(path: Path) -> None:
    with suppress(OSError):  # on Windows the keeper may be looking at it: it removes it itself
        path.unlink()


def place_for(version: str) -> ServerFolder:
    """Return this user's folder for the wheel `version`, made where it is missing.

    Raises PostgresError where it cannot be made, or where another user's lies in its place.
    """
    who = os.geteuid() if os.name != "nt" else re.sub(r"\W", "_", getpass.getuser())
    folder = _temp() / f"sessionlab-{who}-pg{version}"
    try:
        _make(folder)
    except OSError as error:
        fact = f"{folder} cannot be made, the folder of the embedded PostgreSQL."
        raise PostgresError(fact, f"{error.strerror or error}.", _TMPDIR) from error
    return ServerFolder(folder)


def server_user() -> dict[str, Any]:
    """Return subprocess's arguments that make a child the server's user: nobody for root, else oneself.

    PostgreSQL refuses to run as root. Raises PostgresError where there is no user `nobody`.
    """
    if not _is_root():
        return {}
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        fact = (
            "The embedded PostgreSQL cannot run as root, and this system has no user 'nobody' to run it as."
        )
        raise PostgresError(fact, "PostgreSQL refuses to run as root.", "run this as another user.") from None
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_to_server(path: Path) -> None:
    """Make the server's user the owner of `path`."""
    if user := server_user():
        os.chown(path, user["user"], user["group"])


def _is_root() -> bool:
    return os.name != "nt" and os.geteuid() == 0


def _make(folder: Path) -> None:
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _check_ours(folder)
    if os.name != "nt":
        folder.chmod(0o711 if _is_root() else 0o700)  # as root, nobody's server passes through it
    (folder / "clients").mkdir(mode=0o700, exist_ok=True)
    if not (folder / "run").exists():
        (folder / "run").mkdir(mode=0o700)
        give_to_server(folder / "run")


def _check_ours(folder: Path) -> None:
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and (os.name == "nt" or found.st_uid == os.geteuid()):
        return
    fact = f"{folder} is not yours: the embedded PostgreSQL needs it."
    raise PostgresError(fact, "Somebody else made it, or it is no folder.", _TMPDIR)


def _temp() -> Path:
    """Return the system's temp folder; for root one that every user may pass into, outside of any home."""
    usual = Path(tempfile.gettempdir()).resolve()
    if not _is_root():
        return usual
    for folder in (usual, Path("/tmp"), Path("/var/tmp")):
        if folder.is_dir() and _is_public(folder.resolve()):
            return folder.resolve()
    fact = "The embedded PostgreSQL finds no temp folder that all users may pass into."
    raise PostgresError(fact, f"As root it runs as 'nobody', which cannot pass into {usual}.", _TMPDIR)


def _is_public(folder: Path) -> bool:
    """A home belongs to its user; all of these belong to root, and none of them is root's home."""
    found = [(path.stat(), path) for path in (folder, *folder.parents)]
    private = {Path.home().resolve(), Path(os.path.expanduser("~root")).resolve()} - {Path("/")}
    return all(info.st_uid == 0 and info.st_mode & 0o001 and path not in private for info, path in found)
