"""A lesson: one slug that names its folder, notebook, solution, check suite and answers alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .errors import Malformed, WrongUse
from .front_matter import DATABASES, PARTS, FrontMatter, read_front

__all__ = ["DATABASES", "PARTS", "Lesson", "find_lesson", "lessons"]

EXERCISE = "exercise.py"
NOTEBOOK = "notebook.ipynb"

_SLUG = re.compile(r"[0-9]{2}(_[a-z0-9]+)+")


@dataclass(frozen=True)
class Lesson:
    """One lesson of the course at `course`. Its page is read when something that stands there is needed."""

    course: Path
    slug: str

    def __str__(self) -> str:
        return self.slug

    @property
    def number(self) -> str:
        """The two digits that the slug starts with, as in "07"."""
        return self.slug[:2]

    @property
    def name(self) -> str:
        """The slug without its number, as in "get_db"."""
        return self.slug[3:]

    @property
    def folder(self) -> Path:
        """The lesson's folder, which holds its page, its starter and the files given with it."""
        return self.course / "lessons" / self.slug

    @property
    def readme(self) -> Path:
        """The lesson's page."""
        return self.folder / "README.md"

    @property
    def notebook(self) -> Path:
        """The notebook as the course has it: without outputs."""
        return self.course / "notebooks" / f"{self.slug}.ipynb"

    @property
    def starter(self) -> Path:
        """The exercise as the learner gets it."""
        return self.folder / EXERCISE

    @property
    def solution(self) -> Path:
        """The reference solution, which the starter is derived from."""
        return self.course / "solutions" / f"{self.slug}.py"

    @property
    def suite(self) -> Path:
        """The check suite."""
        return self.course / "checks" / f"test_{self.slug}.py"

    @property
    def answers(self) -> Path:
        """The folder of the wrong and the right answers."""
        return self.course / "checks" / "answers" / self.slug

    @property
    def mutants(self) -> tuple[Path, ...]:
        """The files of the lesson's mutants, for a submission that is a test file."""
        return tuple(sorted((self.course / "checks" / "mutants" / self.slug).glob("*.py")))

    @property
    def given(self) -> tuple[Path, ...]:
        """The other modules of the lesson's folder, which the learner gets beside the exercise."""
        return tuple(path for path in sorted(self.folder.glob("*.py")) if path.name != EXERCISE)

    @property
    def title(self) -> str:
        """The page's H1."""
        return self._front.title

    @property
    def part(self) -> int:
        """The part of the course that the lesson belongs to, a key of PARTS."""
        return self._front.part

    @property
    def minutes(self) -> int:
        """How many minutes the lesson takes."""
        return self._front.minutes

    @property
    def belief(self) -> str:
        """What a learner honestly thinks before."""
        return self._front.belief

    @property
    def database(self) -> tuple[str, ...]:
        """The databases that the suite runs on, the default first; some of DATABASES."""
        return self._front.database

    @cached_property
    def prerequisites(self) -> tuple[str, ...]:
        """The slugs of the lessons to do before. Raises Malformed where `needs` names no earlier lesson."""
        needs = self._front.needs
        if needs is None:
            return ()
        earlier = [slug for slug in _slugs(self.course) if slug < self.slug]
        found = [next((slug for slug in earlier if _is_name(slug, value)), None) for value in needs.values]
        for value, slug in zip(needs.values, found, strict=True):
            if slug is None:
                hint = f"the earlier ones are {', '.join(earlier)}." if earlier else "leave `needs` out."
                raise needs.malformed(f"names {value!r}, which is no earlier lesson", hint)
        return tuple(slug for slug in found if slug)

    @cached_property
    def _front(self) -> FrontMatter:
        return read_front(self.readme)


def lessons(course: Path) -> list[Lesson]:
    """Return the lessons in order: the folders `lessons/NN_slug`.

    Raises WrongUse where there is no folder of lessons, and Malformed where a folder that starts with a digit
    is not named like a lesson, or two have one number.
    """
    return [Lesson(course, slug) for slug in _slugs(course)]


def find_lesson(course: Path, name: str) -> Lesson:
    """Return the lesson that is meant by a number, a slug, a part of one, or the path of any of its files.

    Raises WrongUse: with the nearest name where there is none, with the candidates where there are several.
    """
    slugs = _slugs(course)
    found = _matches(slugs, name)
    if len(found) == 1:
        return Lesson(course, found[0])
    if found:
        fact = f"{name!r} fits {len(found)} lessons: {', '.join(found)}."
        raise WrongUse(fact, f"name one by its number, as in `{found[0][:2]}`.")
    raise _unknown(name, slugs)


def _slugs(course: Path) -> list[str]:
    folder = course / "lessons"
    try:
        names = sorted(path.name for path in folder.iterdir() if path.name[:1].isdigit() and path.is_dir())
    except OSError as error:
        raise WrongUse(
            f"The course at {course} has no readable folder `lessons` ({error.strerror}).",
            "fetch the course afresh; your own work lies elsewhere and is not touched by that.",
        ) from None
    for before, name in zip(["", *names], names, strict=False):
        if not _SLUG.fullmatch(name):
            hint = "a lesson is named by two digits and words in lower case, as in `07_get_db`."
            raise Malformed(folder / name, 1, "the folder is not named like a lesson", hint)
        if name[:2] == before[:2]:
            raise Malformed(folder / name, 1, f"{before} has this number as well", "give one another number.")
    return names


def _matches(slugs: list[str], name: str) -> list[str]:
    """The first way to read the name that fits any lesson decides; 2 is no part of 12."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    exact = [slug for slug in slugs if _is_name(slug, plain)]
    if exact or not plain or plain.isdecimal():
        return exact
    return _of_path(slugs, name) or [slug for slug in slugs if plain in slug]


def _is_name(slug: str, name: str) -> bool:
    return name in (slug, slug[3:]) or (name.isdecimal() and name.lstrip("0").zfill(2) == slug[:2])


def _of_path(slugs: list[str], name: str) -> list[str]:
    """The last part of a path that names a lesson does; a path that exists is first made absolute."""
    path = Path(name)
    for part in reversed((path.resolve() if _exists(path) else path).parts):
        stem = part.partition(".")[0].removeprefix("test_")
        if stem in slugs:
            return [stem]
    return []


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long for the system, or with a null byte
        return False


def _unknown(name: str, slugs: list[str]) -> WrongUse:
    if not slugs:
        return WrongUse(f"There is no lesson {name!r}: the course has none yet.", "fetch the course afresh.")
    near = _nearest(slugs, name.strip().lower())
    name = name if len(name) <= 60 else f"{name[:60]}…"
    hint = f"did you mean {near}?" if near else "`sessionlab` shows the lessons."
    return WrongUse(f"There is no lesson {name!r}: the course has {slugs[0]} to {slugs[-1]}.", hint)


def _nearest(slugs: Sequence[str], name: str) -> str | None:
    from difflib import get_close_matches  # only a slip needs it

    if name.isdecimal():
        return min(slugs, key=lambda slug: abs(int(slug[:2]) - int(name[-6:])))
    stem = Path(name).name.partition(".")[0].removeprefix("test_").replace("-", "_")
    names = {spelling: slug for slug in slugs for spelling in (slug[3:], slug)}
    near = get_close_matches(stem, names, 1, 0.5)
    return names[near[0]] if near else None
