"""Runs that use the embedded PostgreSQL from processes of their own, in a temp folder of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from unittest import mock

import psutil

from sessionlab.databases.postgres.process import ended, running
from sessionlab.databases.postgres.server_folder import ServerFolder

_PACE = threading.Event()
T = TypeVar("T")
DEADLINE = 30.0  # seconds: far beyond anything that is waited for
_RUN = """
import json, sys
from sessionlab.databases.postgres import lease
with lease() as server, server.database() as url:
    print(json.dumps(url), flush=True)
    sys.stdin.read()
"""


@contextmanager
def temp_folder(prefix: str = "sessionlab-test-", inside: str | None = None) -> Iterator[Path]:
    """Yield a temp folder that is this and every child process's own; demand that no process stays behind."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=inside)).resolve()
    folder.chmod(0o755)  # as root the server is another user's, who must get to it
    named = {"TMPDIR": str(folder), "SESSIONLAB_POSTGRES_URL": ""}
    try:
        with mock.patch.dict(os.environ, named), mock.patch.object(tempfile, "tempdir", str(folder)):
            yield folder
        assert none_left(folder), f"still running: {[process.cmdline() for process in left(folder)]}"
    finally:
        for process in left(folder):
            process.kill()
        until(lambda: removed(folder))


def removed(folder: Path) -> bool:
    """Remove the folder. Asked again where a process that ends has laid a file there in between."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def place_in(folder: Path) -> ServerFolder:
    """Return the embedded server's place below the temp folder."""
    (found,) = folder.glob("sessionlab-*-pg*")
    return ServerFolder(found)


def postmaster(folder: Path) -> psutil.Process:
    """Return the process of the server that runs now."""
    server = running(place_in(folder))
    assert server is not None, "no server is running"
    return server


def left(folder: Path) -> list[psutil.Process]:
    """Return every process, but this one, that has the folder or its server's tag in its command line."""
    marks = [str(folder), *(ServerFolder(found).tag for found in folder.glob("sessionlab-*-pg*"))]
    found = []
    for process in psutil.process_iter(["cmdline", "name"]):
        line = " ".join(process.info["cmdline"] or [])
        named = any(mark in line for mark in marks)
        if named and process.pid != os.getpid() and not ended(process.pid):
            found.append(process)
    return found


def programs(folder: Path, name: str) -> list[psutil.Process]:
    """Return the processes of the folder that run the program `name`."""
    return [process for process in left(folder) if process.info["name"] == name]


def keepers(folder: Path) -> list[psutil.Process]:
    """Return the processes that would stop the server after a kill."""
    return [process for process in left(folder) if any("keeper" in part for part in process.info["cmdline"])]


def none_left(folder: Path) -> bool:
    """Wait until no process of the folder is left: server, keeper or half-made start."""
    return until(lambda: not left(folder))


def until(condition: Callable[[], T]) -> T:
    """Look until `condition()` holds, and return what it returned; what is false after the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not (found := condition()):
        if time.monotonic() > deadline:
            break
        _PACE.wait(0.005)  # never set: leaves the processor to those who are waited for
    return found


class Run:
    """A process that leases the server and holds a database until it leaves or is killed."""

    def __init__(self, **options) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _RUN, tempfile.gettempdir()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )

    def database(self) -> str:
        """Wait for the run's database, and return its URL."""
        return json.loads(self.process.stdout.readline())

    def leave(self) -> int:
        """Let it end as runs do; return its exit code once its output is at its end."""
        self.process.communicate(timeout=DEADLINE)
        return self.process.returncode

    def kill(self, group: bool = False) -> None:
        """End it as the system ends one that is out of memory."""
        os.killpg(self.process.pid, signal.SIGKILL) if group else self.process.kill()
        self.process.communicate(timeout=DEADLINE)
