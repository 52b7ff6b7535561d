"""A judge's process, seen from a front end: start it, hear its complaints, leave nothing of it behind.

What is imported here stands between a learner's command and the judge's start: keep it little.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

from .judge.output import Output

_PATIENCE = 5.0  # seconds for a judge to end its hosts; it takes a few hundredths
# Neither the user's plugins nor options for pytest count here; -O would take away asserts, and -OO the checks' titles.
_ENVIRONMENT = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_ADDOPTS": "",
    "PYTEST_PLUGINS": "",
    "PYTHONOPTIMIZE": "",
}
_OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows: Ctrl-C is the front end's alone


class JudgeProcess:
    """A judge, importing while the front end does something else; with `stay` it keeps a spare host warm."""

    def __init__(self, stay: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "sessionlab.grader.judge", *(["--stay"] if stay else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_ENVIRONMENT},
            start_new_session=True,
            creationflags=_OWN_GROUP,
        )
        assert self.process.stderr
        self._errors = Output(self.process.stderr)  # type: ignore[arg-type]

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def signal(self) -> str | None:
        """Return the name of the signal that has ended the judge, or None; wait for its end."""
        with suppress(subprocess.TimeoutExpired):
            code = self.process.wait(_PATIENCE)
            return signal.Signals(-code).name if code < 0 else None
        return None

    def complaints(self) -> str:
        """Return what the judge has written to its standard error."""
        if self.alive:
            return ""
        return self._errors.take("the end").strip()

    def release(self) -> None:
        """Tell the judge that nothing more will be asked; it then ends its hosts and itself."""
        _close(self.process.stdin)

    def close(self) -> None:
        """End the judge and its hosts, and return when they have ended; kill what does not end by itself."""
        self.release()
        try:
            self.process.wait(_PATIENCE)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            from .process_tree import kill_tree

            kill_tree(self.process)
        self._errors.thread.join(1)
        # Not before: somebody may still read from it, until the judge's end.
        _close(self.process.stdout)
        _close(self.process.stderr)


def _close(pipe: object) -> None:
    with suppress(OSError):  # unsent bytes for a judge that is gone
        pipe.close()  # type: ignore[attr-defined]
