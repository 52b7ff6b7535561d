"""Run a program in this one's place: it has the terminal to itself, and nobody is left behind when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def in_foreground(command: list[str], environment: Mapping[str, str], folder: Path | None = None) -> int:
    """Run a program until it ends, Ctrl-C included, with more in its environment; return its exit code."""
    whole = {**os.environ, **environment}
    sys.stdout.flush()
    if os.name != "nt":
        os.chdir(folder or Path.cwd())
        os.execve(command[0], command, whole)  # whatever ends us, ends it: there is nobody else
    process = subprocess.Popen(command, env=whole, cwd=folder)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is its own to answer
    return process.wait()
