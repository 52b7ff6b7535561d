"""`sessionlab serve`: the exercise's app on uvicorn, which starts it anew on each save, on a database of its own."""

from __future__ import annotations

import ast
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ...course.errors import WrongUse
from ...course.lesson import Lesson
from ...course.workplace import Workplace
from ..command_judge import require_readable
from ..lesson_name import LessonOrNext
from ..terminal.foreground import in_foreground
from ..terminal.paths import short_path
from ..terminal.screen import say_prose

HOST = "127.0.0.1"  # the app is unfinished and has no password: nobody else may come in
DATABASE = "served.db"
_FACTORY = "from_environment"


@dataclass(frozen=True)
class _App:
    """What uvicorn is to run: a module of the learner's folder, its attribute, and how it talks to the database."""

    module: str
    name: str
    is_async: bool

    @property
    def target(self) -> list[str]:
        """The app in uvicorn's words."""
        return [*(["--factory"] if self.name == _FACTORY else []), f"{self.module}:{self.name}"]

    def url(self, database: Path) -> str:
        """Return the URL of a SQLite file, with the driver that the app needs."""
        return f"{'sqlite+aiosqlite' if self.is_async else 'sqlite'}:///{database.as_posix()}"


def serve(
    lesson: LessonOrNext = None,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an empty database.")] = False,
) -> int:
    """Run the exercise's app, on this machine alone; each save starts it anew."""
    place = Workplace.laid()
    asked = place.named_or_next(lesson)
    exercise = place.exercise(asked)
    require_readable(place, asked, exercise)
    app = _app(asked, exercise)
    _free(port)
    database = exercise.with_name(DATABASE)
    if fresh:
        _remove(database)
    say_prose(
        f"{short_path(exercise)} answers at http://{HOST}:{port}, and anew after each save; Ctrl-C ends it."
    )
    say_prose(f"Its database is {short_path(database)}; `--fresh` empties it.")
    folder = exercise.parent
    command = [sys.executable, "-m", "uvicorn", "--host", HOST, "--port", str(port)]
    command += ["--reload", "--reload-dir", str(folder), "--app-dir", str(folder), *app.target]
    return in_foreground(command, {"DATABASE_URL": app.url(database)}, folder)


def _app(lesson: Lesson, exercise: Path) -> _App:
    """Return the exercise's app, or that of a file that was given with it; raises WrongUse."""
    others = sorted(path for path in exercise.parent.glob("*.py") if path != exercise)
    for path in (exercise, *others):
        body = _parsed(path).body
        name = next((name for name in ("app", _FACTORY) if name in _defined(body)), None)
        if name is not None:
            return _App(path.stem, name, "sqlalchemy.ext.asyncio" in _imported(body))
    raise WrongUse(
        f"{short_path(exercise)} has no app to run: it defines neither `app` nor `{_FACTORY}`.",
        f"not every lesson is about one; `sessionlab check {lesson.number}` calls what it does define.",
    )


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        what = f"{short_path(path)}, line {error.lineno or 1}: {error.msg}."
    except ValueError as error:  # a null byte, on Python 3.11
        what = f"{short_path(path)}: {error}."
    raise WrongUse(what, "mend it first; once it runs, a save is enough.")


def _defined(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _imported(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _free(port: int) -> None:
    """Raise WrongUse where somebody listens on the port: uvicorn would say so below a page of its own."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise WrongUse(
                f"Port {port} can't be had: {reason}.",
                "end what listens there, or choose another with `--port`.",
            ) from None


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        try:
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise WrongUse(
                f"{short_path(database)} can't be removed: {error.strerror}.",
                "is another `sessionlab serve` running?",
            ) from None
