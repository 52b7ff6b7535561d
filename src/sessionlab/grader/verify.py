"""Verify lessons: that each suite accepts what is right, and rejects what is wrong for the right reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ..course.answers import Answer
from ..course.errors import WrongUse
from ..course.lesson import Lesson
from .answer_claims import known_answers
from .feedback import told
from .front_end import Front, JudgeBroken
from .verdict_document import FAILED, PASSED, Check, Verdict

STARTER, SOLUTION, NOTEBOOK = "starter", "solution", "notebook"
NOT_GRADED = "not graded"  # begins the problem of what could not be: a database is not to be had


@dataclass(frozen=True)
class Finding:
    """What verifying one submission of a lesson came to; `problem` is empty where all is as it must be.

    `name` is "starter", "solution", "right/…" or "wrong/…". `fails` are the checks that failed, the first one
    first; `feedback` is what a learner would read, without the trace.
    """

    lesson: str
    name: str
    fails: tuple[str, ...] = ()
    mistake: str = ""
    problem: str = ""
    feedback: str = ""
    expected: tuple[str, ...] = field(default=(), repr=False)


def verify(
    course: Path,
    lessons: Iterable[Lesson],
    done: Callable[[Finding], None] | None = None,
    notebooks: bool = True,
) -> list[Finding]:
    """Grade the starter, the solution and every answer of these lessons, and run their notebooks, two at a time.

    `done` is told each finding as it comes. Returns the findings, by lesson, and for each lesson those on its
    suite as a whole: a check that no wrong answer meets first, too few answers.
    """
    chosen = list(lessons)
    kinds = [_answers, *([_notebook] if notebooks else [])]
    work = [
        (kind, lesson, database) for kind in kinds for lesson in chosen for database in _places(kind, lesson)
    ]
    tell = done or _ignore
    with ThreadPoolExecutor(max_workers=2) as workers:
        found = list(workers.map(lambda one: _told(one[0](course, one[1], one[2]), tell), work))
    return [finding for lesson in chosen for finding in _of(lesson, found)]


def _places(kind: Callable[..., Iterator[Finding]], lesson: Lesson) -> tuple[str, ...]:
    return lesson.database if kind is _answers else lesson.database[:1]


def _ignore(finding: Finding) -> None:
    pass


def _told(findings: Iterator[Finding], tell: Callable[[Finding], None]) -> list[Finding]:
    kept = []
    for finding in findings:
        kept.append(finding)
        tell(finding)
    return kept


def _of(lesson: Lesson, found: list[list[Finding]]) -> list[Finding]:
    own = [finding for findings in found for finding in findings if finding.lesson == lesson.slug]
    return [*own, *gaps(lesson.slug, own)]


def _answers(course: Path, lesson: Lesson, database: str) -> Iterator[Finding]:
    with Front(course, stay=True) as front:
        yield from _graded(lesson, front, database)


def _notebook(course: Path, lesson: Lesson, database: str) -> Iterator[Finding]:
    """Run the notebook: on the solution to its end, and on the starter up to its check."""
    from .notebook import execute

    if not lesson.notebook.is_file():
        yield Finding(lesson.slug, NOTEBOOK, problem="there is no notebook")
        return
    on_solution = execute(lesson.notebook, lesson.solution, course)
    stopped = f"cell {on_solution.stopped!r} raised {on_solution.error}: {on_solution.text}"
    yield Finding(lesson.slug, f"{NOTEBOOK} on the solution", problem="" if on_solution.passed else stopped)
    on_starter = execute(lesson.notebook, lesson.starter, course)
    ended = on_starter.error or "no error"
    problem = "" if ended == "NotPassed" else f"must stop at its check with NotPassed, but ended with {ended}"
    yield Finding(lesson.slug, f"{NOTEBOOK} on the starter", problem=problem)


def _graded(lesson: Lesson, front: Front, database: str) -> Iterator[Finding]:
    yield _finding(lesson, STARTER, lesson.starter, None, front, database, _starter_problem)
    yield _finding(lesson, SOLUTION, lesson.solution, None, front, database, _right_problem)
    for answer in known_answers(lesson):
        name = f"{answer.kind}/{answer.name}"
        judge = _right_problem if answer.kind == "right" else _wrong_problem(answer)
        yield _finding(lesson, name, answer.path, answer.source(), front, database, judge)


def _finding(
    lesson: Lesson,
    name: str,
    path: Path,
    source: bytes | None,
    front: Front,
    database: str,
    problem: Callable[[Verdict], str],
) -> Finding:
    name = name if len(lesson.database) == 1 else f"{name} on {database}"
    try:
        verdict = front.grade(lesson.slug, path, database, source=source)
    except JudgeBroken as error:
        return Finding(lesson.slug, name, problem=f"no verdict: {error}")
    except WrongUse as error:
        return Finding(lesson.slug, name, problem=f"{NOT_GRADED}: {error}")
    first = verdict.first_failure
    return Finding(
        lesson.slug,
        name,
        tuple(check.id for check in verdict.checks if check.state == FAILED),
        first.mistake["code"] if first and first.mistake else "",
        _broken(verdict) or problem(verdict),
        feedback(verdict),
        tuple(verdict.expected),
    )


def _broken(verdict: Verdict) -> str:
    broken = [check for check in verdict.checks if check.state == "broken"]
    return f"{broken[0].id} is broken: {broken[0].detail}" if broken else verdict.fault


def _right_problem(verdict: Verdict) -> str:
    first = verdict.first_failure
    return "" if verdict.state == PASSED else f"rejected: {_named(first) if first else verdict.state}"


def _starter_problem(verdict: Verdict) -> str:
    first = verdict.first_failure
    if verdict.state == FAILED and first and first.mistake and first.mistake["code"] == "NOT_WRITTEN":
        return ""
    return f"must fail and say what to write first, but: {_named(first) if first else verdict.state}"


def _wrong_problem(answer: Answer) -> Callable[[Verdict], str]:
    def problem(verdict: Verdict) -> str:
        fails = {check.id for check in verdict.checks if check.state == FAILED}
        named, mistake = answer.on(verdict.database)
        here = set(named) & set(verdict.expected)
        if fails != here:
            return f"fails {_list(fails)}, where it names {_list(here)}"
        first = verdict.first_failure
        code = first.mistake["code"] if first and first.mistake else None
        return "" if code == mistake or not fails else f"is told the mistake {code}, where it names {mistake}"

    return problem


def _named(check: Check) -> str:
    return f"{check.id}: {check.observed}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def gaps(lesson: str, findings: list[Finding]) -> Iterator[Finding]:
    """Yield a finding for each check that no wrong answer has as its first failure, and for missing answers."""
    expected = dict.fromkeys(check for finding in findings for check in finding.expected)
    met = {finding.fails[0] for finding in findings if finding.name.startswith("wrong/") and finding.fails}
    for check in expected:
        if check != "load" and check not in met:
            problem = "no wrong answer meets this check first: the check can go, or an answer is missing"
            yield Finding(lesson, f"check {check}", problem=problem)
    for kind, least in (("wrong", 8), ("right", 3)):
        count = len(
            {finding.name.split(" on ")[0] for finding in findings if finding.name.startswith(f"{kind}/")}
        )
        if count < least:
            yield Finding(
                lesson, f"{kind} answers", problem=f"{count} {kind} answers, where {least} are the least"
            )


def feedback(verdict: Verdict) -> str:
    """Return what a learner reads of a verdict, without traces, and without what differs from run to run.

    What the code printed differs, too: it holds paths, threads and addresses.
    """
    told_ = (line for check in verdict.checks for line in told(check, width=100, trace=False))
    lines = [line for part, line in told_ if part != "printed"]
    return re.sub(r"\b\d+(\.\d+)? s\b", "N s", "\n".join(line for line in lines if line.strip()))


def frozen(findings: Iterable[Finding]) -> str:
    """Return the feedback on each wrong answer as one text, which is kept and compared."""
    wrong = [finding for finding in findings if finding.name.startswith("wrong/")]
    return "\n".join(f"=== {finding.name}\n{_failures(finding.feedback)}\n" for finding in wrong)


def _failures(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("✓"))
