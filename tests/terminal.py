"""A program in a terminal of its own, as a learner runs it: for tests of what is shown and of keys."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from pathlib import Path

import psutil

DEADLINE = 30.0
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Terminal:
    """Runs a program in a pseudo-terminal of 80 columns, and waits for what it shows."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            signal.signal(
                signal.SIGINT, signal.SIG_DFL
            )  # ignored where the tests run as a job in the background
            os.execvpe(command[0], command, {"TERM": "xterm-256color", **environment, "COLUMNS": "80"})
        self.raw = ""
        self._taken = 0
        self._code: int | None = None
        self.family: set[psutil.Process] = set()

    @property
    def text(self) -> str:
        """All that was shown, without colours."""
        return _ESCAPE.sub("", self.raw)

    def wait_for(self, text: str, seconds: float = DEADLINE) -> str:
        """Wait until a text is shown after what was waited for before; return what was shown up to its end."""
        end = time.monotonic() + seconds
        while text not in self.text[self._taken :]:
            assert self._read(end), f"{text!r} was never shown:\n{self.text}"
        start = self._taken
        self._taken = self.text.index(text, self._taken) + len(text)
        return self.text[start : self._taken]

    def press(self, keys: str) -> None:
        """Type keys; "\\x03" is Ctrl-C, which the terminal sends to the whole foreground group as SIGINT."""
        self.family |= self._descendants()
        os.write(self._master, keys.encode())

    def modes(self) -> list[object]:
        """Return the terminal's modes."""
        import termios

        return termios.tcgetattr(self._master)[:4]

    def ended(self, seconds: float = DEADLINE) -> int:
        """Wait for the program's end and return its exit code; negative for a signal."""
        end = time.monotonic() + seconds
        while self._read(end):
            pass
        assert time.monotonic() < end, f"the program has not ended:\n{self.text}"
        return self._wait()

    def living(self) -> list[psutil.Process]:
        """Return the program's descendants, as far as they were seen, that still run."""
        return [process for process in self.family if process.is_running() and process.status() != "zombie"]

    def look(self) -> None:
        """Take down which descendants the program has now."""
        self.family |= self._descendants()

    def close(self) -> list[psutil.Process]:
        """Kill the program, whatever it does, and return those descendants that do not end by themselves."""
        self.look()
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)
            self._wait()
        os.close(self._master)
        return psutil.wait_procs(self.living(), timeout=DEADLINE)[1]

    def _wait(self) -> int:
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def _descendants(self) -> set[psutil.Process]:
        try:
            return set(psutil.Process(self.pid).children(recursive=True))
        except psutil.Error:
            return set()

    def _read(self, end: float) -> bool:
        """Read what is shown next; return whether there can be more before the deadline."""
        if not select.select([self._master], [], [], max(0.0, end - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux: the program has closed its side
            return False
        self.raw += data.decode("utf-8", "replace")
        return bool(data)
