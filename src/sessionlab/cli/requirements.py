"""What the course needs of a machine, and what of it is there."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ..course.errors import WrongUse
from ..course.workplace import Workplace
from .terminal.prefix import command, quoted, with_prefix
from .terminal.screen import say_prose

_INITS = ("systemd", "init", "tini", "docker-init", "launchd")
FINE, WORSE, MISSING = "fine", "worse", "missing"  # with WORSE the course can be followed, but less well

_PYTHON = (3, 11)
_SQLITE = (3, 35)  # RETURNING, which SQLAlchemy 2.1 uses where it is there


@dataclass(frozen=True)
class Finding:
    """One fact about this machine: what it is about, whether it will do, and what to do if not."""

    subject: str
    state: str
    fact: str
    hint: str = ""


def examine() -> Iterator[Finding]:
    """Yield what is found, one subject after the other; nothing is changed, and no server is started."""
    examinations: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python, packages, _sqlite, _postgresql, _jupyterlab, _kernel, _course, _memory, _left_over,
    )  # fmt: skip
    for one in examinations:
        yield from one()


def warn_of_versions() -> None:
    """Write to standard error which packages are outside their ranges, and how to mend that; nothing if none is."""
    for finding in packages():
        if finding.state != FINE:
            say_prose(f"{finding.subject} {finding.fact}: what the course says may not hold.", stderr=True)
            say_prose(f"hint: {finding.hint}\n", stderr=True)


def _python() -> Iterator[Finding]:
    fact = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"
    if sys.version_info < _PYTHON:
        yield Finding("Python", MISSING, fact, "the course needs Python 3.11 or newer.")
    else:
        yield Finding("Python", FINE, fact)


def packages() -> Iterator[Finding]:
    """Compare what is installed with what the course's package asks for."""
    needed = [Requirement(text) for text in metadata.requires("sessionlab") or ()]
    needed = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = [finding for one in needed if (finding := _package(one.name, str(one.specifier))) is not None]
    if not wrong:
        main = ("fastapi", "sqlalchemy", "pytest", "httpx")
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in main)
        yield Finding("packages", FINE, f"all {len(needed)} in their ranges: {versions}")
    yield from wrong


def _package(name: str, asked: str) -> Finding | None:
    """Return what is wrong with an installed package, or None."""
    hint = _python_runs("pip", "install", f"{name}{asked}")
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, MISSING, "is not installed", hint)
    if SpecifierSet(asked).contains(found, prereleases=True):
        return None
    return Finding(name, MISSING, f"{found} is installed, where the course was written for {asked}", hint)


def _python_runs(module: str, *arguments: str) -> str:
    """Return a command of this environment's Python, to copy whole: a line that is folded keeps it in one piece."""
    return f"`{quoted([sys.executable, '-m', module, *arguments])}`"


def _sqlite() -> Iterator[Finding]:
    try:
        import sqlite3  # some builds of Python lack it
    except ImportError:
        yield Finding(
            "SQLite", MISSING, "this Python was built without it", "install another build of Python."
        )
        return
    if sqlite3.sqlite_version_info < _SQLITE:
        hint = "a newer build of Python brings a newer SQLite."
        yield Finding("SQLite", MISSING, f"{sqlite3.sqlite_version} is older than 3.35", hint)
    else:
        yield Finding("SQLite", FINE, f"{sqlite3.sqlite_version}, with nothing to install")


def _postgresql() -> Iterator[Finding]:
    try:
        from ..databases.postgres import availability  # what it imports may be missing or broken
    except ImportError as error:
        yield Finding(
            "PostgreSQL", WORSE, f"can't be used: {error}", "the lessons run on SQLite, where they can."
        )
        return
    found = availability()
    if found.error is None:
        yield Finding("PostgreSQL", FINE, f"{found.version} ({found.kind}: {found.source})")
    else:
        yield Finding("PostgreSQL", WORSE, f"{found.error.fact} {found.error.reason}", found.error.hint)


def _jupyterlab() -> Iterator[Finding]:
    try:
        yield Finding("JupyterLab", FINE, metadata.version("jupyterlab"))
    except metadata.PackageNotFoundError:
        hint = _python_runs("pip", "install", "jupyterlab")
        yield Finding("JupyterLab", MISSING, "is not installed in this environment", hint)


def _kernel() -> Iterator[Finding]:
    """Find which Python a notebook would run in: the specification's first word is a program, or `python`."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel  # may be missing
    except ImportError:
        return  # said of JupyterLab already
    install = _python_runs("ipykernel", "install", "--sys-prefix")
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # as `sessionlab lab` does
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield Finding("kernel", MISSING, "there is no kernel `python3` for notebooks", install)
        return
    if _is_ours(program):
        yield Finding("kernel", FINE, "notebooks run in this environment")
    else:
        fact = f"notebooks would run in another environment: {program}"
        yield Finding("kernel", MISSING, fact, install)


def _is_ours(program: str) -> bool:
    """A bare `python` is replaced by the Python that runs Jupyter (jupyter_client's KernelManager)."""
    if os.path.basename(program) == program:
        return True
    return Path(program).parent.resolve() == Path(sys.executable).parent.resolve()


def _course() -> Iterator[Finding]:
    try:
        place = Workplace.here()
    except WrongUse as error:
        yield Finding("course", MISSING, error.fact, with_prefix(error.hint))
        return
    yield Finding("course", FINE, f"{place.course}, {len(place.lessons())} lessons")
    yield _work(place.work)


def _work(work: Path) -> Finding:
    standing = next(folder for folder in (work, *work.parents) if folder.exists())
    if not os.access(standing, os.W_OK):
        hint = f"`{command('init DIR')}` lays a work folder elsewhere."
        return Finding("work folder", MISSING, f"{work} can't be written", hint)
    return Finding(
        "work folder", FINE, str(work) if work.exists() else f"{work}, laid by the first `{command('')}`"
    )


def _memory() -> Iterator[Finding]:
    from ..grader.judge.temporary_folders import base  # with psutil

    if base() == Path("/dev/shm"):
        yield Finding("temporary files", FINE, "in memory, /dev/shm")
    else:
        yield Finding(
            "temporary files", FINE, f"on disk, {base()}: checks take a little longer than in memory"
        )


def _left_over() -> Iterator[Finding]:
    """Find judges and hosts whose front end is gone."""
    import psutil  # which a warning about versions does without

    found = [process for process in psutil.process_iter(["cmdline"]) if _is_orphan(process)]
    if found:
        pids = " ".join(str(process.pid) for process in found)
        how = f"`taskkill /F /PID {pids}`" if os.name == "nt" else f"`kill {pids}`"
        yield Finding("processes", WORSE, f"{len(found)} of an earlier run are left over", how)
    else:
        yield Finding("processes", FINE, "none is left over from an earlier run")


def _is_orphan(process: object) -> bool:
    """Those whose parent has died are nobody's, or init's: on Linux that can be another process than the first."""
    import psutil

    try:
        words = process.info["cmdline"] or []  # type: ignore[attr-defined]
        mine = any(word in ("sessionlab.grader.judge", "sessionlab.grader.host") for word in words)
        parent = process.parent() if mine else None  # type: ignore[attr-defined]
        return mine and (parent is None or parent.pid == 1 or parent.name().startswith(_INITS))
    except psutil.Error:
        return False  # it has ended meanwhile
