"""A host's process, seen from the judge: start it, ask it, know why it ended, leave nothing of it behind."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from ..frames import BadFrame, Channel
from ..process_tree import kill_marked, kill_tree
from .output import Output

MEMORY_LIMIT = 1_500_000_000
_SAMPLE_SECONDS = 0.05
START_SECONDS = 60.0
_MARK = "SESSIONLAB_HOST"  # in the environment of a host, and so of all that it starts


class HostEnded(Exception):
    """The host's process ended while it was asked something."""

    def __init__(self, reason: str, code: int | None, lines: list[str]) -> None:
        super().__init__(reason)
        self.reason = reason  # "exit", "memory" or "deadline"
        self.code = code
        self.lines = lines


class HostStuck(Exception):
    """A command did not answer within its deadline; `facts` tell where the submission stands.

    With `again` it stands where an earlier one has been waited for to the end of its deadline.
    """

    def __init__(self, command: str, seconds: float, facts: dict[str, Any], again: bool = False) -> None:
        super().__init__(command)
        self.command = command
        self.seconds = seconds
        self.facts = facts
        self.again = again


class Pending:
    """A command that has been sent; its answer comes later."""

    def __init__(self, command: str, deadline: float) -> None:
        self.command = command
        self.deadline = deadline
        self.sent = time.monotonic()
        self.done = threading.Event()
        self.answer: dict[str, Any] | None = None

    def remaining(self) -> float:
        """Return the seconds that are left of the deadline."""
        return max(0.0, self.sent + self.deadline - time.monotonic())


class HostProcess:
    """One host. It is started at once, and is ready when its imports are done."""

    _numbers = itertools.count(1)

    def __init__(self, folder: Path) -> None:
        number = next(self._numbers)
        self._dump = folder / f"host-{number}.stacks"
        self.home = folder / f"host-{number}"
        self.home.mkdir(parents=True)  # a submission may have removed the folder above
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "sessionlab.grader.host", str(self._dump)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.home,
            env={**_environment(), _MARK: str(self.home)},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.output = Output(self._process.stderr)  # type: ignore[arg-type]
        self._channel = Channel(self._process.stdout, self._process.stdin)  # type: ignore[arg-type]
        self._pending: dict[int, Pending] = {}
        self._ids = itertools.count(1)
        self._arrivals: dict[int, threading.Event] = {}
        self.used = False  # whether it has had a submission
        self.held_at: dict[int, str] = {}  # the text of the event that each gate has held
        self.blocked_at: set[int] = set()  # the gates that have held somebody on the event loop's own thread
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._too_much = False
        self._reader = threading.Thread(target=self._read, name="sessionlab judge", daemon=True)
        self._reader.start()
        threading.Thread(target=self._watch_memory, name="sessionlab judge", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return not self._ended.is_set() and self._process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it has imported all it needs."""
        return self._ready.is_set()

    def send(self, command: str, deadline: float, **fields: Any) -> Pending:
        """Send a command without waiting for its answer. `deadline` is in seconds from now.

        Raises:
            HostEnded: the process has ended.
        """
        if not self._ready.wait(START_SECONDS) or self._ended.is_set():
            raise self._end()
        number, pending = next(self._ids), Pending(command, deadline)
        self._pending[number] = pending
        try:
            self._channel.send({"id": number, "do": command, "deadline": deadline, "fields": fields})
        except OSError:
            raise self._end() from None
        return pending

    def wait(self, pending: Pending) -> dict[str, Any]:
        """Return the answer to a command.

        Raises:
            HostStuck: the deadline has passed and the host can still tell where the submission stands.
            HostEnded: the process has ended, or was ended for holding Python's lock past the deadline.
        """
        with self._changed:
            self._changed.wait_for(lambda: pending.done.is_set() or self._ended.is_set(), pending.remaining())
        if pending.answer is not None:
            return pending.answer
        if self._ended.is_set():
            raise self._end()
        raise self._stuck(pending)

    def done_within(self, pending: Pending, seconds: float) -> bool:
        """Wait so long at the most for a command's answer, or for the process to end; say whether either came."""
        with self._changed:
            return self._changed.wait_for(
                lambda: pending.done.is_set() or self._ended.is_set(), min(seconds, pending.remaining())
            )

    def stands(self) -> dict[str, Any] | None:
        """Return what the host tells of where the submission stands; None where it does not answer in a second."""
        try:
            asked = self.send("stuck", 1.0)
        except HostEnded:
            return None
        self.done_within(asked, 1.0)
        return asked.answer

    def ask(self, command: str, deadline: float, **fields: Any) -> dict[str, Any]:
        """Send a command and return its answer; raises as `send` and `wait` do."""
        return self.wait(self.send(command, deadline, **fields))

    def next_gate(self) -> int:
        """Return a number for a gate that no other gate of this process has or had."""
        return next(self._ids)

    def arrival(self, gate: int) -> threading.Event:
        """Return the event that is set when a gate holds somebody."""
        return self._arrivals.setdefault(gate, threading.Event())

    def wait_any(self, gate: int, pending: Pending | None, seconds: float) -> bool:
        """Wait until a gate holds somebody, or a command is done, or the time is over; say whether it holds."""
        arrived = self.arrival(gate)
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    arrived.is_set()
                    or self._ended.is_set()
                    or (pending is not None and pending.done.is_set())
                ),
                seconds,
            )
        return arrived.is_set()

    def kill(self) -> None:
        """End the process and all that it has started."""
        kill_tree(self._process)
        kill_marked(_MARK, str(self.home))
        self._ended.set()
        self._reader.join(1)
        for pipe in (self._process.stdin, self._process.stdout):
            # Closing a pipe waits for whoever reads from it, and so for a stranger who still holds its other end.
            if pipe is not None and not (pipe is self._process.stdout and self._reader.is_alive()):
                with suppress(OSError):  # unsent bytes for a process that is gone
                    pipe.close()
        self.output.thread.join(1)

    def _stuck(self, pending: Pending) -> HostStuck | HostEnded:
        if self._kill_if_too_large():
            return self._end()
        facts = self.stands()
        if facts is not None:
            return HostStuck(pending.command, pending.deadline, facts)
        # Nobody but the submission runs any more: the host's own deadline ends it and leaves its stacks.
        self._ended.wait(4.0)
        return self._end(deadline=True)

    def _end(self, deadline: bool = False) -> HostEnded:
        try:
            code: int | None = self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            code = None
        stacks = self._dump.read_text(errors="replace") if self._dump.exists() else ""
        # A process that has ended by itself may have left another one at its pipe: then only the deadline tells.
        late = bool(stacks) or (deadline and code is None)
        reason = "memory" if self._too_much else "deadline" if late else "exit"
        self.kill()
        return HostEnded(reason, code, _own_lines(stacks))

    def _read(self) -> None:
        try:
            while (message := self._channel.receive()) is not None:
                self._take(message)
        except (BadFrame, OSError, ValueError):
            pass  # what is no frame ends the conversation, as the end of the pipe does
        finally:
            self._ended.set()
            self._ready.set()
            with self._changed:
                self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        with self._changed:
            if "ready" in message:
                self._ready.set()
            elif "held" in message:
                self.held_at[int(message["held"])] = str(message.get("text", ""))
                if message.get("blocks"):
                    self.blocked_at.add(int(message["held"]))
                self.arrival(int(message["held"])).set()
            elif (pending := self._pending.pop(message.get("id", 0), None)) is not None:
                pending.answer = message
                pending.done.set()
            self._changed.notify_all()

    def _watch_memory(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            if self._kill_if_too_large():
                return

    def _kill_if_too_large(self) -> bool:
        try:
            process = psutil.Process(self._process.pid)
            if process.memory_info().rss > MEMORY_LIMIT:
                self._too_much = True
                process.kill()
        except psutil.Error:
            pass  # it has ended by itself
        return self._too_much


def _environment() -> dict[str, str]:
    steering = ("PYTEST", "SESSIONLAB", "PYTHONOPTIMIZE")  # -O would take a test file's asserts away
    kept = {key: value for key, value in os.environ.items() if not key.startswith(steering)}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


_DUMPED = re.compile(r'File "(.+)", line (\d+) in (.+)')


def _own_lines(stacks: str) -> list[str]:
    """Return the submission's lines out of the stacks that the host left, innermost first."""
    from ...recorder.source_line import is_own, short

    found = (_DUMPED.search(line) for line in stacks.splitlines())
    return [f"{short(m[1])}:{m[2]} in {m[3]}" for m in found if m and is_own(m[1])]
