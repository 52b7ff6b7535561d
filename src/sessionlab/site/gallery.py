"""A lesson's gallery: each wrong answer with its belief, its code, what it did, and what the checks say to it."""

from __future__ import annotations

from collections.abc import Iterator

from ..course.lesson import Lesson
from ..grader.verdict_document import FAILED, Check
from .answer_excerpt import Excerpt, differing
from .fence_figures import first_failure
from .figure import steps_figure, trace_figure
from .markdown import anchor, code, fenced, headings, plain
from .recordings import Recording, title_of

# A search for an error's text is to find the symptom, and not every answer that met it; half of the index is gone.
# https://squidfunk.github.io/mkdocs-material/setup/setting-up-site-search/#search-exclusion
_UNSEARCHED = "---\nsearch:\n  exclude: true\n---\n\n"


def gallery(lesson: Lesson, recordings: list[Recording]) -> str:
    """Return the page's Markdown; the recordings are those of the lesson's answers."""
    wrong = [recording for recording in recordings if recording.answer.kind == "wrong"]
    solution = lesson.solution.read_text("utf-8")
    sections = set(headings(lesson.readme.read_text("utf-8")))
    intro = (
        f"{_UNSEARCHED}# {lesson.number} · Wrong answers\n\n"
        f"{len(wrong)} honest mistakes about [{plain(lesson.title)}](README.md).\n"
        "Each is a whole program that was run: the trace is what it did, and the words below are those of "
        f"`sessionlab check {lesson.number}`.\n"
        "Look here once you have passed, or to find out what your own trace reminds you of.\n"
    )
    return "\n".join(
        [intro, *("\n".join(_wrong_answer(recording, solution, sections)) for recording in wrong)]
    )


def _wrong_answer(recording: Recording, solution: str, sections: set[str]) -> Iterator[str]:
    answer = recording.answer
    yield f"## {title_of(answer)} {{ #{answer.name} }}\n"
    yield f"“{plain(' '.join(answer.belief.split()))}”\n{{ .belief }}\n"
    yield _excerpt(differing(answer.source().decode(), solution), answer.path.name)
    failure = recording.verdict.first_failure
    if failure is None:
        yield "It passes, so it is no wrong answer.\n"
        return
    alt = f"What {answer.path.name} did in the check {failure.id}: {failure.observed}."
    trace, steps = first_failure(recording), recording.steps(failure.id)
    if steps:
        yield steps_figure(steps, alt)
    elif trace:
        yield trace_figure(trace, alt)
    yield "\n".join(_diagnosis(failure, sections))
    failed = [
        check.id for check in recording.verdict.checks if check.state == FAILED and check is not failure
    ]
    yield f"It fails {', '.join(map(code, failed))} as well.\n" if failed else ""


def _excerpt(excerpt: Excerpt, title: str) -> str:
    """Return an excerpt as Markdown: the wrong lines are marked, and said to be below."""
    marked = f' hl_lines="{" ".join(map(str, excerpt.wrong))}"' if excerpt.wrong else ""
    why = "; ".join(plain(note) for note in dict.fromkeys(excerpt.wrong.values()))
    note = f"Marked: {why}.\n{{ .marked }}\n" if why else ""
    return f'{fenced(excerpt.lines, f"""python title="{title}"{marked}""")}\n{note}'


def _diagnosis(failure: Check, sections: set[str]) -> Iterator[str]:
    yield f"\n{code(failure.id)}: {plain(failure.title)}\n{{ .check }}\n"
    yield from _entry("observed", failure.observed)
    yield from _entry("expected", failure.expected)
    if failure.mistake:
        yield from _entry("mistake", failure.mistake["text"])
        section = failure.mistake["section"]
        if section:
            link = (
                f"[{plain(section)}](README.md#{anchor(section)})" if section in sections else plain(section)
            )
            yield f"read\n:   {link}\n"


def _entry(name: str, text: str) -> Iterator[str]:
    lines = "<br>\n    ".join(plain(line) for line in text.splitlines())
    yield f"{name}\n:   {lines}\n"
