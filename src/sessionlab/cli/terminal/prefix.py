"""How the user calls sessionlab, so that a command that is shown can be run as it is printed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

_NAME = "sessionlab"
_SPECIAL = re.compile(r"[\s<>&|^]")  # to cmd and to PowerShell
_QUOTED = re.compile(rf"(?<=`){_NAME}\b(?! *=)")


def prefix() -> str:
    """Return what to type for `sessionlab` in the current folder, as in ".venv/bin/sessionlab"."""
    return quoted(_words())


def prefix_elsewhere() -> str:
    """Return what to type for `sessionlab` in any folder."""
    first, *others = _words()
    is_path = os.path.basename(first) != first
    return quoted([str(Path(first).absolute()) if is_path else first, *others])


def command(arguments: str) -> str:
    """Return a command to run as it is printed, as in ".venv/bin/sessionlab check 07"."""
    return f"{prefix()} {arguments}".rstrip()


def with_prefix(text: str) -> str:
    """Return a text whose `sessionlab …` in backticks is as the user has to type it."""
    return _QUOTED.sub(lambda _: prefix(), text)


def _words() -> list[str]:
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return [_shortest(Path(sys.executable), "python"), "-m", _NAME]
    return [_shortest(called, _NAME)]


def _shortest(program: Path, name: str) -> str:
    """Return the bare name where the shell would find this very program by it, and else its path."""
    found = shutil.which(name)
    if found and _same(Path(found), program):
        return name
    if program.is_absolute() and program.is_relative_to(Path.cwd()):
        return os.path.join("", program.relative_to(Path.cwd()))
    return str(program)


def _same(one: Path, other: Path) -> bool:
    """Compare without following links: the python of an environment is a link to another one's."""
    spellings = {str(one.absolute()), os.path.splitext(one.absolute())[0]}
    return str(other.absolute()) in spellings


def quoted(words: list[str]) -> str:
    """Return words as one command line of this system's shell."""
    if os.name != "nt":
        return shlex.join(words)
    return " ".join(f'"{word}"' if _SPECIAL.search(word) else word for word in words)
