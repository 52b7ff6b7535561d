"""The front end's side of the grader: start a judge, tell it what to grade, read its verdict.

A front end never imports a suite or a submission.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .frames import BadFrame, Channel
from .verdict import Verdict

Progress = Callable[[str, str], None]


class JudgeBroken(Exception):
    """The judge could not come to a verdict; the text says why."""


class Front:
    """A judge's process, for one verdict or, with `stay`, for many. Use it as a context manager."""

    def __init__(self, course: Path, stay: bool = False) -> None:
        self._course = course
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "sessionlab.grader.judge", *(["--stay"] if stay else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
            start_new_session=True,
        )
        assert self._process.stdin and self._process.stdout
        self._channel = Channel(self._process.stdout, self._process.stdin)  # type: ignore[arg-type]
        self.hash = ""

    def __enter__(self) -> Front:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def grade(
        self, slug: str, submission: Path, database: str | None = None, progress: Progress | None = None
    ) -> Verdict:
        """Grade a file by a lesson's suite; `progress` is told each check's id and state as it is judged.

        Returns the verdict; `hash` is then the SHA-256 of the source that was judged.

        Raises:
            JudgeBroken: the judge ended, or the suite can't be collected.
        """
        request = {
            "suite": str(self._course / "checks" / f"test_{slug}.py"),
            "config": str(self._course / "pyproject.toml"),
            "submission": str(submission),
            "database": database,
        }
        try:
            self._channel.send(request)
            return self._read(progress)
        except (OSError, BadFrame) as error:
            raise JudgeBroken(f"{error}\n{self._complaints()}") from error

    def _read(self, progress: Progress | None) -> Verdict:
        while (message := self._channel.receive()) is not None:
            if "verdict" in message:
                self.hash = str(message["hash"])
                return Verdict.from_json(message["verdict"])
            if "broken" in message:
                raise JudgeBroken(str(message["broken"]))
            if progress is not None:
                progress(str(message["checked"]), str(message["state"]))
        raise JudgeBroken(f"the judge ended before its verdict\n{self._complaints()}")

    def _complaints(self) -> str:
        self._process.poll()
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode("utf-8", "replace")

    def close(self) -> None:
        """End the judge and its hosts; it ends by itself at the end of its input, and is killed if it does not."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass  # unsent bytes for a judge that is gone
        try:
            self._process.wait(5)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self._process.kill()
            self._process.wait()
        self._errors.close()
