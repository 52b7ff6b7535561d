"""Where the course lies, and where the learner's work folder lies."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from .errors import WrongUse

COURSE_VARIABLE = "SESSIONLAB_COURSE"
WORK_VARIABLE = "SESSIONLAB_WORK"
SUBMISSION_VARIABLE = (
    "SESSIONLAB_SUBMISSION"  # the file that `%check` grades, where it is not the work folder's
)
PRIVATE = ".sessionlab"
MARKER = "course.json"

# Read as a line, not as TOML: an unfinished edit of pyproject.toml does not hide the course.
_TABLE = re.compile(rb"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*sessionlab[ \t]*\]", re.MULTILINE)


class CourseNotFound(WrongUse):
    """No course where one was looked for."""


def find_course(start: Path | None = None) -> Path:
    """Return the course's root, an absolute path.

    It is the folder named by SESSIONLAB_COURSE; else, from `start` (default: the current folder) upwards,
    the first whose pyproject.toml has `[tool.sessionlab]`, or the course that a work folder was laid from.
    Raises CourseNotFound, which says where it looked.
    """
    named = _named(COURSE_VARIABLE)
    if named is not None:
        return _course_named(named)
    here = _standing(start)
    lost = []
    for folder in _upwards(here):
        course = folder if is_course(folder) else laid_from(folder)
        if course is not None and is_course(course):
            return course
        if course is not None:
            lost.append((folder, course))
    raise _moved(*lost[0]) if lost else _nowhere(here)


def find_work(course: Path, start: Path | None = None) -> Path:
    """Return the work folder, an absolute path that need not exist yet.

    It is the folder named by SESSIONLAB_WORK; else the one that `start` (default: the current folder) lies
    in; else `work` in the course.
    """
    named = _named(WORK_VARIABLE)
    if named is not None:
        return named
    standing_in = (folder for folder in _upwards(_standing(start)) if laid_from(folder) is not None)
    return next(standing_in, course / "work")


def is_course(folder: Path) -> bool:
    """Return whether the folder's pyproject.toml has the table `[tool.sessionlab]`."""
    try:
        return _TABLE.search((folder / "pyproject.toml").read_bytes()) is not None
    except OSError:
        return False


def laid_from(folder: Path) -> Path | None:
    """Return the course that a work folder was laid from, as its marker says; None for any other folder."""
    try:
        marker = json.loads((folder / PRIVATE / MARKER).read_bytes())
        return Path(marker["course"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable, "").strip()
    return Path(os.path.abspath(os.path.expanduser(value))) if value else None


def _standing(start: Path | None) -> Path:
    try:
        return Path.cwd() if start is None else Path(os.path.abspath(start))
    except FileNotFoundError:
        raise CourseNotFound(
            "The current folder no longer exists, so there is no place to look for the course from.",
            "change into the course's folder, and run the command again.",
        ) from None


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents


def _course_named(folder: Path) -> Path:
    if is_course(folder):
        return folder
    what = "has no pyproject.toml with [tool.sessionlab]" if folder.is_dir() else "is no folder"
    raise CourseNotFound(
        f"{COURSE_VARIABLE} names {folder}, which is not the course: it {what}.",
        f"let {COURSE_VARIABLE} name the course's folder, or unset it and run the command in the course.",
    )


def _moved(work: Path, course: Path) -> CourseNotFound:
    return CourseNotFound(
        f"The work folder {work} was laid from the course at {course}, and there is no course any more.",
        f"run `sessionlab init {work}` where the course lies now: it overwrites nothing."
        f" {COURSE_VARIABLE} can name the course as well.",
    )


def _nowhere(here: Path) -> CourseNotFound:
    return CourseNotFound(
        f"There is no course here: neither {here} nor a folder above it has a pyproject.toml with"
        " [tool.sessionlab], and none is a work folder.",
        f"change into the course's folder, or let {COURSE_VARIABLE} name it.",
    )
