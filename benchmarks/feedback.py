"""How long a learner waits for a verdict, and what the recorder costs: `python benchmarks/feedback.py`.

Everything is measured in one run on one machine, in turns, and told as the median of at least ten repetitions
and as its ratio to a cold `pytest`. All rows grade the same wrong answer of lesson 07. Trust the ratios.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from sessionlab.course.answers import submitted

COURSE = Path(__file__).resolve().parents[1]
SLUG = "07_get_db"
ANSWER = COURSE / "checks" / "answers" / SLUG / "wrong" / "no_finally.py"
SUM = "not passed:"
FLOOR = "import fastapi, pytest, sqlalchemy.orm"
LONGEST = 60.0  # seconds for any one measurement


@dataclass
class Row:
    """One thing that is measured: its name, the share of a cold pytest that it aims at, and the seconds it took."""

    name: str
    measure: Callable[[], float]
    aim: float | None = None
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=12, help="at least 10; default: 12")
    repetitions = parser.parse_args().repetitions
    if repetitions < 10:
        parser.error("a median of fewer than ten repetitions says little")
    print(
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, load {_load()}\n"
    )
    _print_feedback(_feedback(repetitions))
    print()
    _print_overhead(_overhead(repetitions))


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


# --- the way to a verdict


def _feedback(repetitions: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, _watching(Path(folder) / "watched") as save:
        checked = _work(Path(folder) / "checked")
        rows = [
            Row("cold: pytest checks/test_07_get_db.py", lambda: _timed(_pytest(), 1)),
            Row("cold: sessionlab check 07", lambda: _timed(_check(), 1, checked), 1.0),
            Row("warm: save → verdict in sessionlab watch", save, 0.2),
            Row(
                "floor: import fastapi, pytest, sqlalchemy.orm", lambda: _timed([sys.executable, "-c", FLOOR])
            ),
            Row("floor: python -c pass", lambda: _timed([sys.executable, "-c", "pass"])),
        ]
        for turn in range(repetitions + 1):
            for row in rows:
                seconds = row.measure()
                row.seconds += [seconds] if turn else []  # the first turn fills the disk's caches
        return rows


def _pytest() -> list[str]:
    suite = str(COURSE / "checks" / f"test_{SLUG}.py")
    return [sys.executable, "-m", "pytest", suite, "--submission", str(ANSWER)]


def _check() -> list[str]:
    return [sys.executable, "-m", "sessionlab", "check", "07"]


def _timed(command: list[str], code: int = 0, work: Path | None = None) -> float:
    environment = _environment(work) if work else dict(os.environ)
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=COURSE, env=environment, capture_output=True, text=True, timeout=LONGEST
    )
    seconds = time.perf_counter() - began
    if done.returncode != code:
        sys.exit(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return seconds


def _environment(work: Path) -> dict[str, str]:
    return {**os.environ, "SESSIONLAB_COURSE": str(COURSE), "SESSIONLAB_WORK": str(work), "PYTHONUTF8": "1"}


def _work(folder: Path) -> Path:
    """Lay a work folder whose lesson 07 holds the answer."""
    subprocess.run(
        [sys.executable, "-m", "sessionlab"],
        cwd=COURSE,
        env=_environment(folder),
        capture_output=True,
        check=True,
    )
    (folder / SLUG / "exercise.py").write_bytes(submitted(ANSWER))
    return folder


@contextmanager
def _watching(folder: Path) -> Iterator[Callable[[], float]]:
    """Yield a function that saves the watched file, and returns the seconds until its verdict is on the screen."""
    exercise = _work(folder) / SLUG / "exercise.py"
    with subprocess.Popen(
        [sys.executable, "-m", "sessionlab", "watch", "07"],
        cwd=COURSE,
        env=_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        _until_verdict(process)
        saves = iter(range(1, 1_000_000))

        def save() -> float:
            source = submitted(ANSWER).decode() + f"# save {next(saves)}\n"
            began = time.perf_counter()
            exercise.write_text(source, "utf-8")
            _until_verdict(process)
            return time.perf_counter() - began

        try:
            yield save
        finally:
            process.stdin.close()  # ends `watch`


def _until_verdict(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(SUM):
            return
    sys.exit(f"`sessionlab watch` ended with {process.wait()} before its verdict")


def _print_feedback(rows: list[Row]) -> None:
    cold = median(rows[0].seconds)
    print(f"{'median of ' + str(len(rows[0].seconds)):<48}{'ms':>6}{'from – to':>14}{'ratio':>8}{'aim':>7}")
    for row in rows:
        low, middle, high = (
            round(value * 1000) for value in (min(row.seconds), median(row.seconds), max(row.seconds))
        )
        aim = f"≤ {row.aim:.1f}" if row.aim else ""
        print(f"{row.name:<48}{middle:>6}{f'{low} – {high}':>14}{median(row.seconds) / cold:>8.2f}{aim:>7}")


# --- the recorder

REQUESTS = 25
BLOCKS = 4  # for each repetition: short blocks in turns, so that both meet the same noise
WORKER = """
import asyncio, os, sys
os.environ["DATABASE_URL"] = "sqlite:///" + sys.argv[1]
sys.path.insert(0, sys.argv[2])
from overhead_app import serve
asyncio.run(serve(sys.argv[3] == "recorded", int(sys.argv[4])))
"""


def _overhead(repetitions: int) -> dict[str, list[float]]:
    """Return, for sync and async endpoints, the ratios of recorded requests to others, block by block.

    The database is a SQLite file with SQLite's own settings, so that each COMMIT waits for the disk.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        _serving(folder, "plain") as plain,
        _serving(folder, "recorded") as recorded,
    ):
        kinds = ("sync", "async")
        return {
            kind: [recorded(kind) / plain(kind) for _ in range(repetitions * BLOCKS + 1)][1:]
            for kind in kinds
        }


@contextmanager
def _serving(folder: str, mode: str) -> Iterator[Callable[[str], float]]:
    """Yield a function that returns the seconds that a block of requests takes in a process of its own.

    In a process that does not record, the recorder was never installed.
    """
    database = str(Path(folder) / f"{mode}.db")
    arguments = [database, str(Path(__file__).parent), mode, str(REQUESTS)]
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sink, source = process.stdin, process.stdout

        def block(kind: str) -> float:
            print(kind, file=sink, flush=True)
            line = source.readline()
            if not line:
                sys.exit(f"the process that serves requests ended with {process.wait()}")
            return float(line)

        try:
            yield block
        finally:
            sink.close()


def _print_overhead(ratios: dict[str, list[float]]) -> None:
    print(
        f"{f'recorder, per request ({REQUESTS} in a block)':<48}{'ratio':>6}{'from – to':>14}{'':>8}{'aim':>7}"
    )
    for kind, found in ratios.items():
        spread = f"{min(found):.2f} – {max(found):.2f}"
        print(
            f"{f'{kind} endpoint, one INSERT and one SELECT':<48}{median(found):>6.2f}{spread:>14}{'':>8}{'≤ 1.15':>7}"
        )


if __name__ == "__main__":
    main()
