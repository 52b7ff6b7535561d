"""The data folder and the server on it: made, started, made anew where it is damaged."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sessionlab.databases.postgres import process
from sessionlab.databases.postgres.connection import NoAnswer, connect
from sessionlab.databases.postgres.error import PostgresError
from sessionlab.databases.postgres.server import AGAIN, GONE
from sessionlab.databases.postgres.server_folder import ServerFolder, give_to_server, server_user
from sessionlab.databases.postgres.wheel import Wheel, copied, open_to_all

if TYPE_CHECKING:
    import psycopg

USER = "sessionlab"
_STARTING = 30.0  # seconds; 0.02 where nothing is the matter
_ANSWERING = 3.0  # seconds that a running server may refuse connections
_LOOK = 0.003  # seconds between two looks at a starting server
_DAY = 86_400.0  # seconds; temp folders are cleaned of files that nobody read for three days and more
_ROOM = 1_048_576  # bytes
# Its data are thrown away: nothing has to outlive a crash of the machine. What is seen in a transaction is as
# PostgreSQL ships it. One locale and time zone on every machine: a lesson shows the same rows everywhere.
_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "io_method": "sync",
    "jit": "off",
    "log_timezone": "UTC",
    "max_connections": "100",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "shared_buffers": "32MB",
    "timezone": "UTC",
    "wal_level": "minimal",
}
# What its processes share lies in its folder, and goes with it: as shared memory it would outlive a server that was
# killed. Windows knows no other kind than its own, which ends with the last process.
if os.name != "nt":
    _SETTINGS["dynamic_shared_memory_type"] = "mmap"
# The password is 128 random bits: hashing it 4096 times would make each connection dear and nothing safer.
_INITDB = [
    "--auth=scram-sha-256",
    "--set=scram_iterations=1",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--wal-segsize=1",
    "--no-data-checksums",
    "--no-instructions",
    "--no-sync",
]


class _NotStarted(Exception):
    """The server did not come up; the text is the server's last word."""


def url(place: ServerFolder) -> str:
    """Return the URL of the running server's database `postgres`.

    The port is named for a socket too: libpq and asyncpg would otherwise take it from PGPORT.
    """
    who = f"{USER}:{place.secret.read_text().strip()}"
    if place.by_socket:
        return f"postgresql+psycopg://{who}@/postgres?host={quote(str(place.sockets), safe='/')}&port=5432"
    return f"postgresql+psycopg://{who}@127.0.0.1:{_port(place)}/postgres"


def ensure(place: ServerFolder, wheel: Wheel, application: str) -> tuple[str, psycopg.Connection]:
    """Return the server's URL and a connection to it. Call it under `place.locked()`.

    It is started where it does not run. A server that does not answer is ended and started again; a data
    folder on which none starts is made anew, once. Raises PostgresError where that fails too.
    """
    try:
        connection = _answering(place, application) or _revived(place, wheel, application)
        return url(place), connection
    except _NotStarted as failed:
        raise cannot(place, "started", str(failed)) from failed


def _answering(place: ServerFolder, application: str) -> psycopg.Connection | None:
    """Connect first, look at processes later: a pid file may be stale, or of another container's server."""
    if not (place.data / "postmaster.pid").exists():
        return None
    server = process.running(place)
    with suppress(_NotStarted):
        return _connected(place, application, server.pid if server else 0, _ANSWERING)
    return None


def _revived(place: ServerFolder, wheel: Wheel, application: str) -> psycopg.Connection:
    process.end(place)
    runs = wheel if not server_user() or open_to_all(wheel) else copied(wheel, place.folder / "wheel")
    if place.data.exists() and not _outdated(place):
        try:
            return _started(place, runs, application)
        except _NotStarted:
            if _is_full(place):
                raise  # no fault of the data: with some room they serve again
        process.end(place)
    _make(place, runs)
    return _started(place, runs, application)


def _outdated(place: ServerFolder) -> bool:
    """Whether a cleaner of temp folders may have taken something out of the data folder."""
    try:
        place.secret.stat()
        return time.time() - (place.data / "PG_VERSION").stat().st_mtime > _DAY
    except FileNotFoundError:
        return True


def _make(place: ServerFolder, wheel: Wheel) -> None:
    """Make the data folder. It gets its name last: what `initdb` did not finish is never taken for whole."""
    new, password = place.folder / "data.new", place.folder / "password"
    for path in (new, place.data):
        shutil.rmtree(path, ignore_errors=True)
    try:
        _write_secret(place)
        shutil.copyfile(place.secret, password)
        password.chmod(0o600)
        new.mkdir(mode=0o700)
        for path in (new, password):
            give_to_server(path)
        _initdb(place, wheel, ["-D", str(new), "--pwfile", str(password)])
        new.rename(place.data)
    finally:
        password.unlink(missing_ok=True)
        shutil.rmtree(new, ignore_errors=True)


def _write_secret(place: ServerFolder) -> None:
    place.secret.unlink(missing_ok=True)
    with os.fdopen(os.open(place.secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(16))


def _initdb(place: ServerFolder, wheel: Wheel, where: list[str]) -> None:
    command = [wheel.program("initdb"), f"--username={USER}", *_INITDB, *where]
    done = subprocess.run(
        command, cwd=place.folder, env=process.environment(), capture_output=True, text=True, **server_user()
    )
    if done.returncode:
        raise cannot(place, "set up", _last_word(done.stderr))


def _started(place: ServerFolder, wheel: Wheel, application: str) -> psycopg.Connection:
    place.log.unlink(missing_ok=True)
    place.log.touch(mode=0o600)
    give_to_server(place.log)
    settings = _SETTINGS | _listening(place) | {"cluster_name": place.tag}
    # On the command line they overrule what an `ALTER SYSTEM` left in the data folder.
    options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
    return _connected(place, application, process.start(place, wheel, options), _STARTING)


def _connected(place: ServerFolder, application: str, server: int, patience: float) -> psycopg.Connection:
    """Return a connection as soon as the server takes one. _NotStarted where it ends or takes too long."""
    began = time.monotonic()
    while True:
        gone = process.ended(server)  # asked first: what it said before it ended is then in its log
        try:
            return connect(url(place), application)
        except NoAnswer as error:
            if gone or error.final or _late(began, _STARTING if error.coming else patience):
                raise _NotStarted(last_word(place) or str(error)) from error
        except (OSError, LookupError, ValueError) as error:  # no port yet: the pid file is being written
            if gone or _late(began, patience):
                raise _NotStarted(last_word(place) or str(error)) from error
        time.sleep(_LOOK)


def _late(began: float, seconds: float) -> bool:
    return time.monotonic() - began > seconds


def _listening(place: ServerFolder) -> dict[str, str]:
    if place.by_socket:
        return {"listen_addresses": "", "port": "5432", "unix_socket_directories": str(place.sockets)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}


def _port(place: ServerFolder) -> int:
    return int((place.data / "postmaster.pid").read_text().splitlines()[3])


def cannot(place: ServerFolder, done: str, reason: str) -> PostgresError:
    """Return what to say where the server cannot be `done`, such as started; a full disk is told apart."""
    fact = f"The embedded PostgreSQL cannot be {done} in {place.folder}."
    hint = f"remove {place.folder} and run this again; or name your own server in SESSIONLAB_POSTGRES_URL."
    return _full(place, fact, reason) or PostgresError(fact, reason or "It ended without a word.", hint)


def gone(place: ServerFolder, reason: str) -> PostgresError:
    """Return what to say where the server went away while it was in use; a full disk is told apart."""
    panics = [line for line in _read(place.log).splitlines() if "PANIC" in line]
    reason = panics[-1] if panics else reason.strip()
    return _full(place, GONE, reason) or PostgresError(GONE, reason, AGAIN)


def _full(place: ServerFolder, fact: str, reason: str) -> PostgresError | None:
    if "No space left" not in reason and not _is_full(place):
        return None
    hint = f"free about 100 MB on the disk of {place.folder.parent}, then run this again."
    return PostgresError(fact, f"The disk is full: {reason}" if reason else "The disk is full.", hint)


def _is_full(place: ServerFolder) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(place.folder).free < _ROOM
    return False


def last_word(place: ServerFolder) -> str:
    """Return the line of the server's log that tells most about its end; empty where there is none."""
    return _last_word(_read(place.log))


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _last_word(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    grave = [line for line in lines if re.search("FATAL|PANIC|error:|No space left", line)]
    return (grave or lines or [""])[-1].strip()
