"""`sessionlab lab`: JupyterLab, from this environment, at the lesson's notebook in the work folder."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ...course.errors import WrongUse
from ...course.lesson import Lesson
from ...course.work import lay, notebook
from ...course.workplace import Workplace
from ..lesson_name import LessonOrNext
from ..terminal.foreground import in_foreground
from ..terminal.paths import short_path
from ..terminal.screen import say_prose

# The course's defaults for JupyterLab: it neither asks on the first screen whether to fetch its news, nor looks for a
# newer version of itself. What users have set comes before.
# https://jupyterlab.readthedocs.io/en/stable/user/directories.html#labconfig-directories
_DEFAULTS = str(Path(__file__).parents[2] / "jupyter")


def lab(
    lesson: LessonOrNext = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="The port to listen on.")
    ] = None,
) -> int:
    """Open the lesson's notebook in JupyterLab."""
    if find_spec("jupyterlab") is None:
        raise WrongUse(
            "JupyterLab is not installed in this environment.",
            f"`{sys.executable} -m pip install jupyterlab`.",
        )
    place = Workplace.here()
    lay(place.course, place.work)
    asked = place.named_or_next(lesson)
    path = _notebook(place, asked)
    say_prose(f"Opening {short_path(path)} in JupyterLab; Ctrl-C ends it.")
    return in_foreground(_command(place, path, no_browser, port), _environment())


def _environment() -> dict[str, str]:
    """The kernel of this environment comes before one that the user has installed for all."""
    asked = filter(None, [os.environ.get("JUPYTER_CONFIG_PATH"), _DEFAULTS])
    return {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_CONFIG_PATH": os.pathsep.join(asked)}


def _notebook(place: Workplace, lesson: Lesson) -> Path:
    path = notebook(lesson, place.work)
    if not path.is_file():
        raise WrongUse(
            f"{lesson.slug} has no notebook: {short_path(path)} is not there.",
            f"read {short_path(lesson.readme)} instead.",
        )
    return path


def _command(place: Workplace, path: Path, no_browser: bool, port: int | None) -> list[str]:
    opened = path.relative_to(place.work).as_posix()
    command = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={place.work}"]
    command += [f"--LabApp.default_url=/lab/tree/{opened}"]
    command += ["--no-browser"] if no_browser else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]  # in a container there is often nobody else
    return command + ([f"--port={port}"] if port else [])
