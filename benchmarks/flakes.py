"""Run each lesson's suite many times on its solution while another core is kept busy, and count what did not pass.

    python benchmarks/flakes.py --runs 50 [--lesson 07] [--database sqlite]

Exits with 1 if any run of any suite did not pass.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sessionlab.course.lesson import Lesson, find_lesson, lessons
from sessionlab.course.root import find_course
from sessionlab.grader.feedback import told
from sessionlab.grader.front_end import Front

# Ends with whoever has started it, also where that is killed: its standard input is closed then.
_BUSY = """
import os, sys, threading, time
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
end = time.monotonic() + 3600
while time.monotonic() < end: pass
"""


@contextmanager
def busy_core() -> Iterator[None]:
    """Keep one core busy for the length of the block, an hour at most."""
    with subprocess.Popen([sys.executable, "-c", _BUSY], stdin=subprocess.PIPE) as process:
        try:
            yield
        finally:
            process.kill()


def flakes(course: Path, lesson: Lesson, database: str, runs: int) -> int:
    """Return how many of so many runs did not pass; what they told is printed."""
    failures = 0
    with Front(course, stay=True) as front:
        for run in range(1, runs + 1):
            verdict = front.grade(lesson.slug, lesson.solution, database)
            if verdict.state != "passed":
                failures += 1
                print(f"{lesson} on {database}, run {run}: {verdict.state}")
                print(
                    "\n".join(
                        line for check in verdict.checks for _, line in told(check) if check.state != "passed"
                    )
                )
    print(f"{lesson} on {database}: {runs - failures} of {runs} runs passed", flush=True)
    return failures


def main() -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=50, help="runs of each suite (default: 50)")
    parser.add_argument("--lesson", help="only this lesson")
    parser.add_argument("--database", help="only on this database")
    options = parser.parse_args()
    course = find_course(Path(__file__).parent)
    chosen = [find_lesson(course, options.lesson)] if options.lesson else lessons(course)
    with busy_core():
        failures = sum(
            flakes(course, lesson, database, options.runs)
            for lesson in chosen
            for database in lesson.database
            if options.database in (None, database)
        )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
