"""The front end's side of the grader: start a judge, tell it what to grade, read its verdict.

A front end never imports a suite or a submission.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..course.errors import WrongUse
from .deadline import asked_deadline
from .frames import BadFrame, Channel
from .judge_process import JudgeProcess
from .seeds import asked_seed

if TYPE_CHECKING:
    from .verdict_document import Verdict

_OWN_FAULT = "The grader is broken, and your code is not at fault."
_WHO_KILLS = (
    "The grader does not do that, but another program can: one that your code starts, or the system, where memory "
    "runs out."
)
Progress = Callable[[str, str], None]


class JudgeBroken(Exception):
    """The judge could not come to a verdict; the text says why, and whose fault it is."""


class Front:
    """A judge, for one verdict or, with `stay`, for many. Use it as a context manager.

    `judge` is one that has been started already, so that it could import meanwhile.
    """

    def __init__(self, course: Path, stay: bool = False, judge: JudgeProcess | None = None) -> None:
        self._course = course
        self._judge = judge or JudgeProcess(stay)
        process = self._judge.process
        assert process.stdin is not None
        assert process.stdout is not None
        self._channel = Channel(process.stdout, process.stdin)  # type: ignore[arg-type]
        self.hash = ""

    def __enter__(self) -> Front:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the judge's process still runs."""
        return self._judge.alive

    def grade(
        self,
        slug: str,
        submission: Path,
        database: str | None = None,
        progress: Progress | None = None,
        source: bytes | None = None,
    ) -> Verdict:
        """Grade a file by a lesson's suite; `progress` is told each check's id and state as it is judged.

        `source` is judged in place of what the file holds; it is called by the file's name all the same.
        Returns the verdict; `hash` is then the SHA-256 of the source that was judged.

        Raises:
            JudgeBroken: the judge ended, or the suite can't be collected.
            WrongUse: there is no such database to be had here, or SESSIONLAB_SEED is no seed, or
                SESSIONLAB_DEADLINE no number of seconds.
        """
        asked_deadline()  # the judge's own to read: refused here, where it can be told
        request = {
            "suite": str(self._course / "checks" / f"test_{slug}.py"),
            "config": str(self._course / "pyproject.toml"),
            "submission": str(submission),
            "database": database,
            "seed": asked_seed(),
            "source": None if source is None else source.decode("utf-8", "surrogateescape"),
        }
        try:
            self._channel.send(request)
            return self._read(progress)
        except (OSError, ValueError, BadFrame) as error:  # ValueError: the pipe is closed
            raise self._broken(str(error)) from error

    def _read(self, progress: Progress | None) -> Verdict:
        last = ""
        while (message := self._channel.receive()) is not None:
            if "verdict" in message:
                from .verdict_document import Verdict

                self.hash = str(message["hash"])
                return Verdict.from_json(message["verdict"])
            if "lacking" in message:
                raise WrongUse(*message["lacking"])
            if "broken" in message:
                raise JudgeBroken(f"{_OWN_FAULT}\n{message['broken']}")
            last = str(message["checked"])
            if progress is not None:
                progress(last, str(message["state"]))
        raise self._ended(last)

    def _ended(self, last: str) -> JudgeBroken:
        signal = self._judge.signal()
        if signal is None:
            return self._broken("the judge ended before its verdict")
        when = f"after it had judged `{last}`" if last else "before it had judged anything"
        return JudgeBroken(f"{signal} ended the judge {when}. {_WHO_KILLS}")

    def _broken(self, text: str) -> JudgeBroken:
        return JudgeBroken(f"{_OWN_FAULT}\n{text}\n{self._judge.complaints()[-4000:]}".strip())

    def release(self) -> None:
        """Say that nothing more will be graded: the judge clears away while its verdict is being shown."""
        self._judge.release()

    def close(self) -> None:
        """End the judge and its hosts: at the end of its input it does so by itself, and is killed if not."""
        self._judge.close()
