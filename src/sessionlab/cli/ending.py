"""How a command ends: its exit code, and what is said where it could not do its work."""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..course.errors import WrongUse
from ..grader.front_end import JudgeBroken
from .terminal.prefix import with_prefix
from .terminal.screen import folded

PASSED = 0
NOT_PASSED = 1
WRONG_USE = 2
BROKEN = 3
INTERRUPTED = 130

_WIDTH = 80
DEBUG = "SESSIONLAB_DEBUG"


def ending(command: Callable[..., int]) -> Callable[..., None]:
    """Wrap a command that returns its exit code: whatever it raises becomes an exit code and a short text."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        raise SystemExit(_code(lambda: command(*args, **kwargs)))

    return run


def _code(command: Callable[[], int]) -> int:
    try:
        return command()
    except WrongUse as error:
        complain(with_prefix(str(error)))
        return WRONG_USE
    except JudgeBroken as error:
        tell_broken(str(error))
        return BROKEN
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _write_to_nobody()
        return NOT_PASSED
    except Exception as error:
        return tell_unexpected(error)


def tell_broken(fault: str) -> None:
    """Say that the grader came to no verdict, why, and whose fault it is."""
    complain(f"The grader came to no verdict.\n{fault.strip()}\n\n")
    tell_where_to_report()


def tell_where_to_report() -> None:
    """Say where to report that the grader is broken."""
    complain(f"hint: {_where_to_report()}")


def tell_unexpected(error: Exception) -> int:
    """Say that sessionlab itself is broken, and where to report it; return the exit code."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    complain(
        "sessionlab itself is broken: this should not have happened. Your files are as they were.\n"
        f"{type(error).__name__}: {error} ({os.path.basename(last.filename)}:{last.lineno} in {last.name})\n\n"
        f"hint: {_where_to_report()} {DEBUG}=1 shows the whole traceback."
    )
    return BROKEN


def _where_to_report() -> str:
    """Name the address that the package's metadata has for issues."""
    from importlib.metadata import PackageNotFoundError, metadata  # 40 ms that `--help` does without

    try:
        urls = metadata("sessionlab").get_all("Project-URL") or []
    except PackageNotFoundError:
        urls = []
    named: dict[str, str] = dict(url.split(", ", 1) for url in urls if ", " in url)
    tracker = named.get("Issues", "the place where you got the course")
    return f"please report it with the text above at {tracker}."


def complain(text: str) -> None:
    """Write paragraphs to standard error."""
    for paragraph in text.splitlines():
        print("\n".join(folded(paragraph, _WIDTH)), file=sys.stderr)


@contextmanager
def until_the_reader_goes() -> Iterator[None]:
    """End the block where whoever reads our output closes it, as `head` does: the exit code stays what it is."""
    try:
        yield
    except BrokenPipeError:
        _write_to_nobody()


def _write_to_nobody() -> None:
    """Once the reader has gone, what is still to be written, and what is in the buffer, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
