"""The pages of the course's site, as Markdown, HTML and files; of any site builder it knows nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..course.cache import Cache, cache_folder, contents, digest
from ..course.lesson import PARTS, Lesson, lessons
from ..grader.fingerprint import verdict_fingerprint
from ..symptoms.index import symptoms
from . import mermaid_modules
from .course_map import MARK, course_map
from .fence_figures import FenceFigures
from .gallery import gallery
from .glossary import linked, terms
from .kill_matrix import kill_matrix
from .lesson_page import with_facts
from .minified_html import minified_code, minified_page
from .notebook_run import Labs
from .recordings import Recordings
from .symptom_page import symptom_page

HOME, GLOSSARY, SYMPTOMS, MATRIX, TEACHERS = (
    "index.md",
    "glossary.md",
    "symptoms.md",
    "kill-matrix.md",
    "teachers.md",
)
_AROUND = {"Symptoms": SYMPTOMS, "Glossary": GLOSSARY, "Kill matrix": MATRIX, "For teachers": TEACHERS}


@dataclass(frozen=True)
class Made:
    """A file of the site that nobody wrote: its address below `lessons`, and its text, bytes or place on disk."""

    address: str
    content: str | bytes | Path


class Site:
    """One course's site. `say` is told what takes long; `kept` is where that is kept, if not in the user's cache."""

    def __init__(self, course: Path, say: Callable[[str], None], kept: Cache | None = None) -> None:
        self.course = course
        self._say = say
        self.cache = kept or Cache(cache_folder())
        self._recordings = Recordings(course, self.cache, say)
        self._labs = Labs(self.cache, say)

    @cached_property
    def lessons(self) -> list[Lesson]:
        """The lessons that have a page, in order."""
        return [lesson for lesson in lessons(self.course) if lesson.readme.is_file()]

    def navigation(self) -> list[dict[str, Any]]:
        """Return the site's navigation: titles, and addresses below `lessons` or lists of such entries."""
        parts = [{f"Part {number} · {name}": self._part(number)} for number, name in PARTS.items()]
        around = [{title: address} for title, address in _AROUND.items() if self._exists(address)]
        shown = [part for part in parts if all(part.values())]
        return [{"The course": HOME}, *shown, {"Around the course": around}]

    def made(self) -> Iterator[Made]:
        """Yield the files that nobody wrote; raises WrongUse and JudgeBroken.

        What is not kept from an earlier build is recorded and run first, two lessons at a time.
        """
        self._recordings.make(filter(_has_gallery, self.lessons))
        for lesson in filter(_has_gallery, self.lessons):
            yield Made(f"{lesson.slug}/wrong-answers.md", self._gallery(lesson))
        yield from self._lab_pages()
        yield Made(
            MATRIX,
            kill_matrix((each, self._recordings.of(each)) for each in filter(_has_gallery, self.lessons)),
        )
        yield Made(SYMPTOMS, symptom_page(symptoms(self.course), self.course / "lessons"))
        if not mermaid_modules.installed(self.course):
            self._say(mermaid_modules.MISSING)
        yield from (Made(address, content) for address, content in mermaid_modules.modules(self.course))

    def markdown(self, address: str, markdown: str) -> str:
        """Return the Markdown of a written page with what is to be filled in; raises WrongUse and JudgeBroken."""
        path = self.course / "lessons" / address
        lesson = next((known for known in self.lessons if address.startswith(f"{known.slug}/")), None)
        if "```trace" in markdown and path.is_file():
            markdown = self._figures.fill(path, markdown, lesson, _before(path, markdown))
        if lesson is not None and path == lesson.readme:
            markdown = with_facts(lesson, markdown, _has_lab(lesson), _has_gallery(lesson))
        return markdown.replace(MARK, course_map(self.lessons)) if MARK in markdown else markdown

    def html(self, address: str, html: str, link: Callable[[str], str]) -> str:
        """Return a page's HTML with the glossary's terms linked; `link` makes a link of an address below `lessons`."""
        if address in (GLOSSARY, MATRIX):
            return html
        glossary = link(GLOSSARY)
        return self._kept(
            "page.html",
            [html, glossary, repr(self._terms), self._own],
            lambda: linked(minified_code(html), self._terms, lambda term: f"{glossary}#{term}"),
        )

    def page(self, html: str) -> str:
        """Return a whole page as it is to be written."""
        return minified_page(html)

    def close(self) -> None:
        """Say that the site is made: what nothing needed for a long time is thrown away."""
        self.cache.prune()

    def _gallery(self, lesson: Lesson) -> str:
        """Drawing every trace takes as long as all the rest of a page."""
        recordings = self._recordings.of(lesson)
        files = contents([lesson.readme, lesson.solution, *lesson.answers.glob("*/*.py")])
        return self._kept(
            "gallery.md",
            [
                *(verdict_fingerprint(lesson, name) for name in lesson.database),
                files,
                str(len(recordings)),
                self._own,
            ],
            lambda: gallery(lesson, recordings),
        )

    def _kept(self, name: str, made_of: list[str], make: Callable[[], str]) -> str:
        """Return a text that is kept under the digest of all that it is made of; made now if it is not there."""
        key = digest(name, *made_of)
        kept = self.cache.get(key, name)
        if kept is not None:
            return kept.decode()
        made = make()
        self.cache.put(key, name, made.encode())
        return made

    @cached_property
    def _own(self) -> str:
        """A digest of the code that makes pages."""
        return contents(Path(__file__).parent.glob("*.py"))

    def _lab_pages(self) -> Iterator[Made]:
        with ThreadPoolExecutor(max_workers=2) as workers:
            having = list(filter(_has_lab, self.lessons))
            for lesson, lab in zip(having, workers.map(self._labs.of, having), strict=True):
                yield Made(f"{lesson.slug}/lab.md", lab.markdown)
                yield from (Made(f"{lesson.slug}/{name}", data) for name, data in lab.pictures.items())

    def _part(self, number: int) -> list[dict[str, Any]]:
        return [
            {f"{lesson.number} {lesson.title.replace('`', '')}": list(_pages(lesson))}
            for lesson in self.lessons
            if lesson.part == number
        ]

    def _exists(self, address: str) -> bool:
        return address in (SYMPTOMS, MATRIX) or (self.course / "lessons" / address).is_file()

    @cached_property
    def _figures(self) -> FenceFigures:
        return FenceFigures(self.lessons, self._recordings)

    @cached_property
    def _terms(self) -> list[Any]:
        path = self.course / "lessons" / GLOSSARY
        return terms(path.read_text("utf-8")) if path.is_file() else []


def _pages(lesson: Lesson) -> Iterator[Any]:
    yield f"{lesson.slug}/README.md"
    if _has_lab(lesson):
        yield {f"{lesson.number} Lab": f"{lesson.slug}/lab.md"}
    for path in sorted(lesson.folder.glob("*.md")):
        if path != lesson.readme:
            yield f"{lesson.slug}/{path.name}"
    if _has_gallery(lesson):
        yield {f"{lesson.number} Wrong answers": f"{lesson.slug}/wrong-answers.md"}


def _has_lab(lesson: Lesson) -> bool:
    return lesson.notebook.is_file()


def _has_gallery(lesson: Lesson) -> bool:
    return lesson.suite.is_file() and any((lesson.answers / "wrong").glob("*.py"))


def _before(path: Path, markdown: str) -> int:
    """Return how many lines of a page's file stand above its text: the front matter."""
    text = path.read_text("utf-8")
    return text.count("\n") - markdown.count("\n") if text.rstrip().endswith(markdown.rstrip()[-200:]) else 0
