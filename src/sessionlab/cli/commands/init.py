"""`sessionlab init`: a work folder elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...course import work
from ...course.root import find_course
from .. import ending
from ..terminal.paths import short_path
from ..terminal.prefix import prefix_elsewhere
from ..terminal.screen import say, say_prose


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder; it is made where it is not there.")
    ],
) -> int:
    """Lay a work folder elsewhere; what is there already stays."""
    folder = directory.expanduser()
    laid = work.init(find_course(), folder)
    added, fresh = len(laid.added), len(laid.refreshed)
    say_prose(f"{short_path(folder)} is a work folder: {added} files laid, {fresh} brought up to date.")
    say("The course is found from inside it:")
    say(f'  cd "{folder}"' if " " in str(folder) else f"  cd {folder}")
    say(f"  {prefix_elsewhere()}")
    return ending.PASSED
