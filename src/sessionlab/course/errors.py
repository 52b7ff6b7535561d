"""What a user is told when a name, a folder or a file is not what it should be."""

from __future__ import annotations

from pathlib import Path


class WrongUse(Exception):
    """Input that can't be worked with; the command line prints it and exits with 2.

    `fact` says what is wrong, where, and why; `hint` says what to do about it.
    """

    def __init__(self, fact: str, hint: str) -> None:
        super().__init__(fact, hint)
        self.fact = fact
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.fact}\n\nhint: {self.hint}"


class Malformed(WrongUse):
    """A file of the course that is not as it should be: `path`, the `line` (from 1), and what is wrong."""

    def __init__(self, path: Path | str, line: int, what: str, hint: str) -> None:
        super().__init__(f"{path}:{line}: {what}", hint)
        self.args = (path, line, what, hint)  # what unpickling calls the class with
        self.path = Path(path)
        self.line = line
