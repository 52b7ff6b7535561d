"""End a process and all that it has started."""

from __future__ import annotations

import os
import subprocess


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, its descendants and, where there are such groups, the rest of its session; wait for its end."""
    import psutil  # 20 ms, and most front ends never kill

    try:
        top = psutil.Process(process.pid)
        family = [*top.children(recursive=True), top]
    except psutil.Error:
        family = []
    for member in family:
        try:
            member.kill()
        except psutil.Error:
            pass  # it has ended by itself
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, 9)
        except (ProcessLookupError, PermissionError):
            pass  # nobody of its session is left
    process.wait()
