"""Temporary folders of a judge, in memory-backed temp where there is one, removed when it ends."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_PREFIX = "sessionlab-"


def base() -> Path:
    """Return the folder for temporary files: in memory where the system offers that to this user."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


@contextmanager
def run_folder() -> Iterator[Path]:
    """Yield a new folder that is removed afterwards, and remove what killed judges have left."""
    prune()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prune() -> None:
    """Remove the folders of judges that no longer run."""
    for folder in base().glob(f"{_PREFIX}*-*"):
        pid = folder.name.removeprefix(_PREFIX).split("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
