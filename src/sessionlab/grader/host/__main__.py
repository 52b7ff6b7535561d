"""The host's process: a control thread reads frames, the main thread runs what is called, a loop thread the app."""

from __future__ import annotations

import base64
import faulthandler
import gc
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from ...recorder import listeners
from ..frames import BadFrame, Channel, take_standard_streams

# Past the judge's own deadline, so that the judge can first ask what the submission is stuck in.
_GRACE = 1.5
# The alarm is a thread of faulthandler's, made anew for each setting: it is set once in so many seconds at most.
_SLACK = 1.0
_IDLE_LOOK = 0.5


class Deadlines:
    """Ends this process when a command outlives its deadline, even if the submission never gives the GIL back.

    The end comes between 1.5 and 3.5 seconds past the deadline.
    """

    def __init__(self, dump: str) -> None:
        self._until: dict[int, float] = {}
        self._alarm = 0.0
        self._lock = threading.Lock()
        self._dump = open(dump, "w")  # noqa: SIM115 - it must stay open: faulthandler writes to its descriptor
        threading.Thread(target=self._rest, name="sessionlab deadlines", daemon=True).start()

    def arm(self, command: int, seconds: float) -> None:
        """Give a command this many seconds from now."""
        with self._lock:
            self._until[command] = time.monotonic() + seconds + _GRACE
            last = max(self._until.values())
            if not last <= self._alarm <= last + 2 * _SLACK:
                self._set(last + _SLACK)

    def disarm(self, command: int) -> None:
        """Forget a command that has answered."""
        with self._lock:
            self._until.pop(command, None)

    def _set(self, alarm: float) -> None:
        self._alarm = alarm
        faulthandler.dump_traceback_later(max(0.05, alarm - time.monotonic()), exit=True, file=self._dump)

    def _rest(self) -> None:
        """Turn the alarm off whenever nothing is under way, and bring it forward when only short commands are."""
        while True:
            time.sleep(_IDLE_LOOK)
            with self._lock:
                if not self._until and self._alarm:
                    self._alarm = 0.0
                    faulthandler.cancel_dump_traceback_later()
                elif self._until and self._alarm > max(self._until.values()) + _SLACK:
                    self._set(max(self._until.values()) + _SLACK)


class Control:
    """Reads commands and hands each to the thread that must run it."""

    def __init__(self, channel: Channel, deadlines: Deadlines) -> None:
        from .commands import Commands

        self._channel = channel
        self._deadlines = deadlines
        self._main: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self.commands = Commands(self._send)

    def serve(self) -> None:
        """Run until the judge goes away."""
        threading.Thread(target=self._read, name="sessionlab control", daemon=True).start()
        while (work := self._main.get()) is not None:
            work()

    def _read(self) -> None:
        try:
            while (message := self._channel.receive()) is not None:
                self._take(message)
        finally:
            os._exit(0)  # the judge is gone; whatever the submission still does, it ends here

    def _take(self, message: dict[str, Any]) -> None:
        number, name, fields = message["id"], message["do"], message["fields"]
        self._deadlines.arm(number, message["deadline"])

        def answer(data: dict[str, Any]) -> None:
            self._deadlines.disarm(number)
            self._send({"id": number, **data})

        work = self._work(name, fields, answer)
        if name in ("call", "begin", "load", "end", "engine", "run_tests", "tidy"):
            self._main.put(work)
            if name == "end":
                # While the judge clears away: what is left is not to be let go, and recorded, in the next check.
                self._main.put(gc.collect)
        elif name == "start":
            threading.Thread(target=work, name="sessionlab call", daemon=True).start()
        else:
            work()

    def _work(
        self, name: str, fields: dict[str, Any], answer: Callable[[dict[str, Any]], None]
    ) -> Callable[[], None]:
        from .faults import fault
        from .loading import MissingName

        def work() -> None:
            try:
                done = self._run(name, fields, answer)
            except MissingName as missing:
                done = {"missing": list(missing.args)}
            except BaseException as error:
                done = {"error": fault(error)}
            if done is not None:
                answer(done)

        return work

    def _run(self, name: str, fields: dict[str, Any], answer: Any) -> dict[str, Any] | None:
        commands = self.commands
        if name in ("start", "call"):
            commands.call(**fields, answer=answer)
            return None
        if name in ("call_async", "lifespan", "stop_lifespan", "request"):
            getattr(commands, name)(**fields, answer=answer)
            return None
        if name == "load":
            return commands.load(base64.b64decode(fields["source"]), fields["path"], fields["given"])
        if name == "run_tests":
            from .run_tests import run_tests

            return run_tests(**fields)
        done: dict[str, Any] = getattr(commands, name)(**fields)
        return done

    def _send(self, message: dict[str, Any]) -> None:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except Exception:  # the submission may have replaced or closed them; its output is not our answer
            pass
        try:
            self._channel.send(message)
        except BadFrame as error:
            self._channel.send({"id": message.get("id"), "too_large": str(error)})


def main(dump: str) -> None:
    """Serve one judge. `dump` is the file that takes the stacks of a submission that is ended for being stuck."""
    channel = take_standard_streams()
    gc.disable()  # nothing that is imported is garbage, and to look for some takes a tenth of the time
    control = Control(channel, Deadlines(dump))
    from .garbage import Tidy
    from .loading import watch_listeners
    from .signals import refuse_foreign_signals
    from .warm_up import warm

    tidy = Tidy()
    listeners.install()
    watch_listeners()
    warm(control.commands.loop)
    control.commands.warmed(tidy)
    refuse_foreign_signals()
    channel.send({"ready": os.getpid()})
    control.serve()


if __name__ == "__main__":
    main(sys.argv[1])
