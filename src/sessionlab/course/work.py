"""The learner's folder: laid from the course, kept up to date, reset; what the learner wrote stays."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .errors import WrongUse
from .laid_files import LaidFiles
from .lesson import EXERCISE, NOTEBOOK, Lesson, lessons
from .root import MARKER, PRIVATE, laid_from
from .whole_files import create, make_folder, replace, swap


@dataclass(frozen=True)
class Laid:
    """What one laying of the course did to a work folder, as paths in it.

    `added` were not there. `refreshed` were as the course once laid them, and are now as it has them.
    `outdated` are the learner's own by now, and the course has moved on: they are left as they are.
    """

    added: tuple[Path, ...]
    refreshed: tuple[Path, ...]
    outdated: tuple[Path, ...]


def submission(lesson: Lesson, work: Path) -> Path:
    """Return where the learner's exercise lies, whether or not it is there."""
    return work / lesson.slug / EXERCISE


def notebook(lesson: Lesson, work: Path) -> Path:
    """Return where the learner's notebook lies, whether or not it is there."""
    return work / lesson.slug / NOTEBOOK


def private(work: Path) -> Path:
    """Return the work folder's `.sessionlab`: what may be thrown away (cache, hints, traces), and backups."""
    return work / PRIVATE


def init(course: Path, directory: Path) -> Laid:
    """Lay a work folder anywhere outside the course; what is there already stays as it is.

    From then on the course is found from inside it. Raises WrongUse where the folder is no folder, lies in
    the course, or can't be written.
    """
    work = Path(os.path.expanduser(directory))
    if os.path.lexists(work) and not work.is_dir():
        raise WrongUse(
            f"{work} is a file, not a folder.", "name another folder; it is made where it is not there."
        )
    return lay(course, work)


def lay(course: Path, work: Path) -> Laid:
    """Copy into the work folder what it lacks, of each lesson: the exercise, the notebook, the given files.

    A file that the learner never touched follows the course; no other is ever overwritten.
    Raises WrongUse where the folder lies among the course's own files, or can't be written.
    """
    _outside_the_course(course, work)
    make_folder(private(work))
    create(private(work) / ".gitignore", b"*\n")
    _mark(course, work)
    record = LaidFiles.read(work)
    laying = _Laying(work, record)
    for lesson in lessons(course):
        laying.lesson(lesson)
    record.write()
    return Laid(tuple(laying.added), tuple(laying.refreshed), tuple(laying.outdated))


def reset(lesson: Lesson, work: Path) -> Path | None:
    """Write the exercise and the given files afresh; what the learner changed is moved to the backups first.

    Returns the exercise's backup, None where there was nothing to keep. Raises WrongUse.
    """
    if not lesson.starter.is_file():
        raise WrongUse(
            f"The course has no starter for {lesson}: {lesson.starter} is missing.", "fetch it afresh."
        )
    make_folder(work / lesson.slug)
    record = LaidFiles.read(work)
    kept = {
        target: _renew(source, target, lesson, work, record)
        for source, target in _copies(lesson, work)
        if target.name != NOTEBOOK
    }
    record.write()
    return kept[submission(lesson, work)]


def untouched(lesson: Lesson, work: Path) -> bool:
    """Return whether the learner's exercise is missing or still as the course has it, or once laid it.

    Line ends don't count: some editors change all of them on the first save.
    """
    mine = _bytes(submission(lesson, work))
    if mine is None:
        return True
    starter = _bytes(lesson.starter)
    if starter is not None and mine.replace(b"\r\n", b"\n") == starter.replace(b"\r\n", b"\n"):
        return True
    return LaidFiles.read(work).has(submission(lesson, work), mine)


def _copies(lesson: Lesson, work: Path) -> Iterator[tuple[Path, Path]]:
    """Where each file of the lesson comes from and goes to; a lesson in the making may lack some."""
    own = ((lesson.starter, submission(lesson, work)), (lesson.notebook, notebook(lesson, work)))
    yield from ((source, target) for source, target in own if source.is_file())
    for given in lesson.given:
        yield given, work / lesson.slug / given.name


def _outside_the_course(course: Path, work: Path) -> None:
    root, folder = course.resolve(), work.resolve()
    if folder.is_relative_to(root) and not folder.is_relative_to(root / "work"):
        raise WrongUse(
            f"{work} lies in the course at {course}, which stays as it is fetched.",
            f"name a folder outside it; {course / 'work'} is there for you without any `init`.",
        )


def _mark(course: Path, work: Path) -> None:
    """A folder inside the course needs no mark, and one would be wrong once the course is moved or copied."""
    root = Path(os.path.abspath(course))
    if work.resolve().is_relative_to(root.resolve()) or laid_from(work) == root:
        return
    marker = {"schema": 1, "course": str(root)}
    replace(private(work) / MARKER, json.dumps(marker, indent=2).encode() + b"\n")


def _renew(source: Path, target: Path, lesson: Lesson, work: Path, record: LaidFiles) -> Path | None:
    data = _read(source)
    record.note(target, data)
    if _bytes(target) == data:
        return None
    return swap(target, data, private(work) / "backups" / lesson.slug)


@dataclass
class _Laying:
    """One laying: which files it added, refreshed, and found outdated."""

    work: Path
    record: LaidFiles
    added: list[Path] = field(default_factory=list)
    refreshed: list[Path] = field(default_factory=list)
    outdated: list[Path] = field(default_factory=list)

    def lesson(self, lesson: Lesson) -> None:
        make_folder(self.work / lesson.slug)
        for source, target in _copies(lesson, self.work):
            self._file(_read(source), target, private(self.work) / "backups" / lesson.slug)

    def _file(self, data: bytes, target: Path, backups: Path) -> None:
        if create(target, data):
            self.added.append(target)
            self.record.note(target, data)
            return
        if target.is_dir():
            raise WrongUse(f"{target} is a folder, where the lesson has a file.", "move it or rename it.")
        mine = _bytes(target)  # None for one that can't be read, which is left alone
        if mine == data:
            self.record.note(target, data)
        elif mine is not None and self.record.has(target, mine):
            _refresh(target, data, mine, backups)
            self.refreshed.append(target)
            self.record.note(target, data)
        elif self.record.knows(target) and not self.record.has(target, data):
            self.outdated.append(target)


def _refresh(target: Path, data: bytes, laid: bytes, backups: Path) -> None:
    """What is replaced is kept unless it is, byte for byte, what was laid: an editor may save meanwhile."""
    backup = swap(target, data, backups)
    if backup is not None and _bytes(backup) == laid:
        backup.unlink(missing_ok=True)


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        fact = f"{source} of the course can't be read: {error.strerror}."
        raise WrongUse(fact, "fetch the course afresh; your work is not touched by that.") from error


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
