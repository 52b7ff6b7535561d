"""The process that stops the embedded server once the last of its users is gone, however that one ended.

A user that ends well stops the server by itself. One that was killed cannot: its lock falls, and the keeper
sees it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from sessionlab.databases.postgres import process
from sessionlab.databases.postgres.server_folder import ServerFolder
from sessionlab.databases.postgres.wheel import Wheel

_LOOK = 0.1  # seconds between two looks at the lock of a living user
_SOURCE = Path(__file__).resolve().parents[3]  # the folder that holds the package sessionlab


def ensure(place: ServerFolder, wheel: Wheel) -> None:
    """Begin a keeper where none is on duty. Call it under `place.locked()`, after joining."""
    try:
        FileLock(place.folder / "keeper.lock", blocking=False).acquire().lock.release()
    except Timeout:
        return
    path = os.pathsep.join([str(_SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [
        sys.executable,
        "-P",
        "-c",
        f"from {__name__} import main; main()",
        str(place.folder),
        str(wheel.home),
        wheel.version,
    ]
    process.orphan(command, place.folder, place.folder / "keeper.log", {**os.environ, "PYTHONPATH": path})


def keep(place: ServerFolder, wheel: Wheel) -> None:
    """Wait until nobody uses the server, then stop it. Returns at once where another keeper is on duty."""
    with suppress(Timeout), FileLock(place.folder / "keeper.lock", blocking=False) as duty:
        while client := _someone(place, wheel, duty):
            with FileLock(place.clients / client, poll_interval=_LOOK):
                pass  # it was let go of: this user is gone


def _someone(place: ServerFolder, wheel: Wheel, duty: FileLock) -> str | None:
    """Return a living user's id. Where there is none, stop the server and go off duty before anyone joins."""
    with place.locked():
        if living := place.living():
            return min(living)
        process.stop(place, wheel)
        duty.release()
    return None


def main() -> None:
    """Keep the server of the folder that the command line names."""
    folder, home, version = sys.argv[1:]
    place = ServerFolder(Path(folder))
    try:
        keep(place, Wheel(Path(home), version))
    except FileNotFoundError:  # somebody removed the folder under the server
        process.end(place)
