"""Verify lessons: that each suite accepts what is right, and rejects what is wrong for the right reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..course.answers import Answer
from ..course.cache import Cache
from ..course.errors import WrongUse
from ..course.lesson import Lesson
from .answer_claims import known_answers
from .feedback import told
from .front_end import JudgeBroken
from .judges import Judge, in_turn
from .kept_runs import KeptRuns
from .kept_verdicts import Graded, KeptVerdicts
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
    kept: Cache | None = None,
) -> list[Finding]:
    """Come to a verdict on the starter, the solution and every answer of these lessons, and run their notebooks.

    What is in `kept` already is read there. The rest is spread over the cores by submission, the longest first.
    `done` is told each finding as it comes. Returns the findings, by lesson, and for each lesson those on its
    suite as a whole: a check that no wrong answer meets first, too few answers.

    Raises:
        Malformed: an answer does not fit the solution or the suite.
    """
    chosen = list(lessons)
    verdicts, runs = KeptVerdicts(course, kept), KeptRuns(course, kept)
    files = [file for lesson in chosen for file in graded_files(lesson)]
    work: list[Callable[[Judge], list[Finding]]] = [
        partial(_graded, file, verdicts) for file in sorted(files, key=verdicts.seconds, reverse=True)
    ]
    # A notebook keeps one core busy for a while, which is why none of them comes last.
    work[len(work) // 2 : len(work) // 2] = [
        partial(_notebook, lesson, runs) for lesson in chosen if notebooks
    ]
    tell = done or _ignore
    found = in_turn(course, [partial(_told, one, tell) for one in work])
    order = {(file.lesson.slug, _shown(file)): place for place, file in enumerate(files)}
    own = sorted(
        (finding for findings in found for finding in findings),
        key=lambda finding: order.get((finding.lesson, finding.name), len(order)),
    )
    return [finding for lesson in chosen for finding in _of(lesson, own)]


def _ignore(finding: Finding) -> None:
    pass


def _told(
    work: Callable[[Judge], list[Finding]], tell: Callable[[Finding], None], judge: Judge
) -> list[Finding]:
    findings = work(judge)
    for finding in findings:
        tell(finding)
    return findings


def _of(lesson: Lesson, found: list[Finding]) -> list[Finding]:
    own = [finding for finding in found if finding.lesson == lesson.slug]
    return [*own, *gaps(lesson.slug, own)]


def graded_files(lesson: Lesson) -> list[Graded]:
    """Return what verifying a lesson grades, on each of its databases: starter, solution, answers; raises Malformed."""
    known = known_answers(lesson)
    found = []
    for database in lesson.database:
        found += [
            _given(lesson, STARTER, lesson.starter, database, _starter_problem),
            _given(lesson, SOLUTION, lesson.solution, database, _right_problem),
            *(graded_answer(lesson, answer, database) for answer in known),
        ]
    return found


def graded_answer(lesson: Lesson, answer: Answer, database: str) -> Graded:
    """Return how an answer is graded on a database, and what its verdict has to be; raises Malformed."""
    problem = _right_problem if answer.kind == "right" else _wrong_problem(answer)
    name = f"{answer.kind}/{answer.name}"
    return Graded(lesson, name, answer.path, answer.source(), database, _or_broken(problem))


def _given(lesson: Lesson, name: str, path: Path, database: str, problem: Callable[[Verdict], str]) -> Graded:
    return Graded(lesson, name, path, path.read_bytes(), database, _or_broken(problem))


def _or_broken(problem: Callable[[Verdict], str]) -> Callable[[Verdict], str]:
    return lambda verdict: _broken(verdict) or problem(verdict)


def _shown(file: Graded) -> str:
    return file.name if len(file.lesson.database) == 1 else f"{file.name} on {file.database}"


def _graded(file: Graded, verdicts: KeptVerdicts, judge: Judge) -> list[Finding]:
    slug, name = file.lesson.slug, _shown(file)
    try:
        verdict = verdicts.known(file) or verdicts.grade(judge(), file)
    except JudgeBroken as error:
        return [Finding(slug, name, problem=f"no verdict: {error}")]
    except WrongUse as error:
        return [Finding(slug, name, problem=f"{NOT_GRADED}: {error}")]
    first = verdict.first_failure
    found = Finding(
        slug,
        name,
        tuple(check.id for check in verdict.checks if check.state == FAILED),
        first.mistake["code"] if first and first.mistake else "",
        file.problem(verdict),
        feedback(verdict),
        tuple(verdict.expected),
    )
    return [found]


def _notebook(lesson: Lesson, runs: KeptRuns, judge: Judge) -> list[Finding]:
    """Run the notebook: on the solution to its end, and on the starter up to its check."""
    if not lesson.notebook.is_file():
        return [Finding(lesson.slug, NOTEBOOK, problem="there is no notebook")]
    on_solution = runs.ending(lesson, lesson.solution)
    stopped = f"cell {on_solution.stopped!r} raised {on_solution.error}: {on_solution.text}"
    ended = runs.ending(lesson, lesson.starter).error or "no error"
    problem = "" if ended == "NotPassed" else f"must stop at its check with NotPassed, but ended with {ended}"
    return [
        Finding(lesson.slug, f"{NOTEBOOK} on the solution", problem=stopped if on_solution.error else ""),
        Finding(lesson.slug, f"{NOTEBOOK} on the starter", problem=problem),
    ]


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
