"""The processes of the embedded server: begun as nobody's child, found again, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from sessionlab.databases.postgres.server_folder import ServerFolder, server_user
from sessionlab.databases.postgres.wheel import Wheel

_PROGRAMS = {"sh", "postgres", "initdb", "pg_ctl", "postgres.exe", "initdb.exe", "pg_ctl.exe"}
_LEAVING = 10.0  # seconds that a server gets to stop by itself
_LOOK = 0.002  # seconds between two looks at an ending server
# A shell leaves its background child to init: it outlives its user, and never stands there as a zombie.
_ORPHAN = '"$0" "$@" >&2 </dev/null & echo $!'
_KEPT = ("LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TEMP", "TMP")


def environment() -> dict[str, str]:
    """Return the environment of the server: no secret of its user's, no PG… variable, messages in English."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C"}


def orphan(args: list[str], folder: Path, log: Path, env: dict[str, str], **user: Any) -> int:
    """Run `args` in `folder` as a process that outlives this one, and holds none of its pipes.

    What it says is appended to `log`. Returns its process id; raises OSError where it cannot be begun.
    """
    with log.open("ab") as said:
        if os.name == "nt":
            return _detached(args, folder, said, env)
        shell = ["/bin/sh", "-c", _ORPHAN, *args]
        begun = subprocess.run(
            shell, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=said, start_new_session=True, **user
        )
    return int(begun.stdout)


def _detached(args: list[str], folder: Path, said: Any, env: dict[str, str]) -> int:
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    child = subprocess.Popen(
        args, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said, creationflags=flags
    )
    child.returncode = 0  # not ours to wait for: without this, Popen warns that it still runs
    return child.pid


def start(place: ServerFolder, wheel: Wheel, options: list[str]) -> int:
    """Begin a server with `options`; return its process id, before it is ready."""
    if os.name == "nt":
        return _started_by_pg_ctl(place, wheel, options)
    command = [wheel.program("postgres"), "-D", str(place.data), *options]
    return orphan(command, place.folder, place.log, environment(), **server_user())


def _started_by_pg_ctl(place: ServerFolder, wheel: Wheel, options: list[str]) -> int:
    """An administrator of Windows may not run a server; pg_ctl gives up that right, but names no process."""
    where = ["-D", str(place.data), "-l", str(place.log), "-o", " ".join(options)]
    command = [wheel.program("pg_ctl"), "start", "-w", *where]
    with (place.folder / "pg_ctl.log").open("wb") as said:  # the server would hold a pipe, which never ended
        env = environment()
        subprocess.run(command, stdout=said, stderr=said, env=env, cwd=place.folder, **server_user())
    server = running(place)
    return server.pid if server else 0


def running(place: ServerFolder) -> psutil.Process | None:
    """Return the server's process, by its own pid file and what the process with that id really is."""
    try:
        process = psutil.Process(int((place.data / "postmaster.pid").read_text().split("\n")[0]))
        return process if _serves(process, place) else None
    except (OSError, ValueError, psutil.Error):
        return None


def ended(pid: int) -> bool:
    """Tell whether a process is gone. A zombie is: process 1 may reap it late, or never, in a container."""
    try:
        return pid == 0 or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop(place: ServerFolder, wheel: Wheel) -> None:
    """Stop the server, whatever state it is in; return once it is gone. Call it under `place.locked()`."""
    process = running(place)
    if process is None or not _stopped(process, wheel):
        end(place)


def _stopped(process: psutil.Process, wheel: Wheel) -> bool:
    """Ask for a fast shutdown: it ends the connections, and writes what must be written."""
    with suppress(psutil.NoSuchProcess):
        if os.name == "nt":  # there a server is told by its pipe, which pg_ctl knows
            subprocess.run([wheel.program("pg_ctl"), "kill", "INT", str(process.pid)], capture_output=True)
        else:
            process.send_signal(signal.SIGINT)
    return _gone([process])


def end(place: ServerFolder) -> None:
    """Kill what still runs on the data folder, and clear the way for a new one."""
    strays = list(_strays(place))
    for process in strays:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _gone(strays)
    # PostgreSQL takes any process of its user with the id in such a file for a server, and refuses to start: one
    # that has the number by now, or the killed server itself while process 1 has not reaped it.
    for stale in (place.data / "postmaster.pid", *place.sockets.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)


def _gone(processes: list[psutil.Process]) -> bool:
    """Wait until all have ended. psutil.wait_procs would wait for process 1 to reap them, too."""
    deadline = time.monotonic() + _LEAVING
    while not all(ended(process.pid) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK)
    return True


def _strays(place: ServerFolder) -> Iterator[psutil.Process]:
    """Yield what no pid file tells: a server or an `initdb` in mid-start, the backends of a killed server.

    A backend that is busy does not notice that its server is gone; until it ends, no other can start.
    """
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            if process.info["name"] in _PROGRAMS and _serves(process, place):
                yield process


def _serves(process: psutil.Process, place: ServerFolder) -> bool:
    folder = os.path.normcase(place.data)  # pg_ctl of Windows writes it with slashes
    line = [os.path.normcase(argument) for argument in process.cmdline()]
    named = any(argument.startswith(folder) or place.tag in argument for argument in line)
    if os.name == "nt":
        return named
    return named and process.uids().real == server_user().get("user", os.geteuid())
