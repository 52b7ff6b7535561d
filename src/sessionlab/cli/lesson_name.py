"""The argument that names a lesson."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from ..course.errors import WrongUse
from ..course.workplace import Workplace


def _known(incomplete: str) -> list[str]:
    """Return the names that a shell may complete."""
    with suppress(WrongUse):
        slugs = [lesson.slug for lesson in Workplace.here().lessons()]
        return [slug for slug in slugs if slug.startswith(incomplete) or slug[3:].startswith(incomplete)]
    return []


_HELP = "A lesson: its number, its name, or the path of any of its files."


def _argument(otherwise: str = "") -> typer.models.ArgumentInfo:
    argument: typer.models.ArgumentInfo = typer.Argument(
        metavar="NN", help=f"{_HELP} {otherwise}".strip(), autocompletion=_known
    )
    return argument


LessonName = Annotated[str, _argument()]
LessonOrNext = Annotated[str | None, _argument("The next one to do, if none is named.")]
LessonOrLast = Annotated[str | None, _argument("The one that was checked last, if none is named.")]
LessonOrAll = Annotated[str | None, _argument("All of them, if none is named.")]
