"""A verdict for a terminal: every check in a line, the first failure whole, and what to run next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..course.elapsed import ago
from ..course.errors import WrongUse
from ..course.last_run import Run
from ..course.lesson import Lesson
from ..course.workplace import Workplace
from ..grader.feedback import plain, told
from ..grader.learner_check import Checked
from ..grader.verdict_document import BROKEN, FAILED, PASSED, SKIPPED, Check, Verdict
from .ending import tell_broken, tell_where_to_report
from .next_step import say_next_step
from .terminal.paths import short_path
from .terminal.prefix import command
from .terminal.screen import say, say_parts, say_prose, width

_MOST_TRACE = 40  # lines: a longer trace is for `trace`


def say_checked(place: Workplace, checked: Checked, before: Run | None, verbose: bool = False) -> None:
    """Write a verdict with its heading, and what to do next. `before` is the lesson's last check run."""
    lesson, verdict = checked.lesson, checked.verdict
    if verdict.fault:
        tell_broken(verdict.fault)
        return
    say_heading(Path(verdict.submission), checked.source, before)
    if checked.outdated:
        say_prose("It was saved again while it was checked: this verdict is on the version before.", "yellow")
    say()
    say_verdict(lesson, verdict, verbose)
    say()
    if is_fault(verdict):
        tell_where_to_report()
    elif verdict.state == PASSED:
        _say_next_lesson(place, checked)
    else:
        _say_ways_on(lesson, verdict)


def _say_next_lesson(place: Workplace, checked: Checked) -> None:
    if Path(checked.verdict.submission) != place.exercise(checked.lesson):
        return  # no step of the learner's
    with suppress(WrongUse):  # a fault of another lesson's page is none of this verdict's
        following = place.next(after=checked.lesson)
        if following is None:
            say("You have passed every lesson.", "bold green")
        else:
            say_next_step(place, following, place.state(following))


def say_heading(submission: Path, source: str, last: Run | None) -> None:
    """Write which file is graded, when it was saved, and whether it has changed since the last check."""
    say(f"{short_path(submission)}, saved {_saved(submission)}", "bold")
    if last is not None and last.source == source and last.submission == submission:
        say_prose(
            f"It has not changed since the last check, {ago(last.at)}: has your editor saved it?", "yellow"
        )


def _saved(submission: Path) -> str:
    try:
        return ago(submission.stat().st_mtime)
    except OSError:
        return "and gone since"


def say_verdict(lesson: Lesson, verdict: Verdict, verbose: bool = False) -> None:
    """Write every check in a line, then the first failure whole (all of them, if `verbose`), and the sum."""
    needed = _needed_by_most(verdict)
    alike = [check for check in verdict.checks if check.state == SKIPPED and check.because == needed]
    for check in verdict.checks:
        if check not in alike:
            say_title(check)
    if needed:
        say(f"– {len(alike)} more checks are not judged, because {needed} did not pass", "dim")
    # Those first where the grader itself is at fault.
    failures = [check for state in (BROKEN, FAILED) for check in verdict.checks if check.state == state]
    for check in failures if verbose else failures[:1]:
        say()
        say_parts(_whole(lesson, check, verbose))
    say()
    say(summary(verdict), "bold green" if verdict.state == PASSED else "bold red")


def _needed_by_most(verdict: Verdict) -> str:
    """Return the check that more than two others are skipped for: one line says so for all of them."""
    names = [check.because for check in verdict.checks if check.state == SKIPPED]
    return next((name for name in names if names.count(name) > 2), "")


def _whole(lesson: Lesson, check: Check, verbose: bool) -> Iterator[tuple[str, str]]:
    lines = list(told(check, width(), whole=verbose))
    trace = [number for number, line in enumerate(lines) if line[0] == "trace"]
    cut = [] if verbose else trace[_MOST_TRACE:]
    for number, line in enumerate(lines):
        if number not in cut:
            yield line
        elif number == cut[0]:
            yield "section", f"    … {len(cut)} more lines: {command(f'trace {lesson.number}')}"
    if verbose and check.state == FAILED:
        yield from (("detail", f"    {plain(line)}") for line in check.detail.splitlines())


def say_title(check: Check) -> None:
    """Write a check's outcome in a line."""
    say_parts([next(told(check))])


def say_unjudged(verdict: Verdict) -> None:
    """Write that the grader came to no verdict, and where to report it."""
    broken = [check for check in verdict.checks if check.state == BROKEN]
    if broken:
        say_parts(told(broken[0]))
        if not broken[0].because:
            tell_where_to_report()
    else:
        ran = ", ".join(check.id for check in verdict.checks) or "none"
        tell_broken(verdict.fault or f"expected: {', '.join(verdict.expected)}\nran: {ran}")


def is_fault(verdict: Verdict) -> bool:
    """Whether the grader is broken, and not only cut off from its database: a fault that can be reported."""
    broken = [check for check in verdict.checks if check.state == BROKEN]
    return verdict.state == BROKEN and not any(check.because for check in broken)


def summary(verdict: Verdict) -> str:
    """Return the verdict in a line, as in "not passed: 7 of 10 checks passed, 1 failed, 2 not judged"."""
    states = [check.state for check in verdict.checks]
    total = len(verdict.expected) or len(states)
    named = {FAILED: "failed", SKIPPED: "not judged", BROKEN: "broken"}
    others = [f"{states.count(state)} {name}" for state, name in named.items() if state in states]
    counts = ", ".join([f"{states.count(PASSED)} of {total} checks passed", *others])
    if verdict.state == PASSED:
        return f"passed: all {total} checks, in {verdict.seconds:.1f} s"
    word = "the grader is broken" if is_fault(verdict) else "not passed"
    return f"{word}: {counts}, in {verdict.seconds:.1f} s"


def _say_ways_on(lesson: Lesson, verdict: Verdict) -> None:
    number = lesson.number
    say(f"  {'a hint':<16}{command(f'hint {number}')}")
    if any(check.trace for check in verdict.checks):
        say(f"  {'the trace':<16}{command(f'trace {number}')}")
    say(f"  {'on each save':<16}{command(f'watch {number}')}")
