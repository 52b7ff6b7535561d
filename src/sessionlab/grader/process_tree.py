"""End a process and all that it has started."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, its descendants and, on POSIX, the rest of its session; wait for its end."""
    import psutil  # 20 ms, and most front ends never kill

    try:
        top = psutil.Process(process.pid)
        family = [*top.children(recursive=True), top]
    except psutil.Error:
        family = []
    for member in family:
        with suppress(psutil.Error):  # it has ended by itself
            member.kill()
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # nobody of its session is left
            os.killpg(process.pid, 9)
    process.wait()


def kill_marked(variable: str, value: str) -> None:
    """Kill every process with this in its environment: a daemon has left its parent and its session, and keeps that."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error):  # it has ended by itself, or is somebody else's
            if process.environ().get(variable) == value:
                process.kill()
