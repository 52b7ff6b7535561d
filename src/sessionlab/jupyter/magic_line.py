"""The line of a magic: a lesson, and options with a value each."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass
from typing import NoReturn

from .errors import Refused


@dataclass(frozen=True)
class Line:
    """What a line says; empty where it says nothing."""

    lesson: str = ""
    database: str = ""
    check: str = ""


def read_line(magic: str, line: str, *options: str) -> Line:
    """Return what the line of `%magic` says: a lesson, `--on`, and these further options; raises Refused."""
    parser = _Parser(prog=f"%{magic}", add_help=False, allow_abbrev=False)
    parser.add_argument("lesson", nargs="?", default="")
    parser.add_argument("--on", dest="database", metavar="DATABASE", default="")
    for option in options:
        parser.add_argument(option, metavar="ID", default="")
    return Line(**vars(parser.parse_args(_words(parser, line))))


def _words(parser: _Parser, line: str) -> list[str]:
    """A backslash is a letter: it belongs to a path on Windows."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", "#"
    try:
        return list(lexer)
    except ValueError:
        parser.error("a quotation mark is not closed")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise Refused, where a command line would print and exit."""
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        raise Refused(f"`{self.prog}`: {message}.", f"it is used as `{usage}`.")
