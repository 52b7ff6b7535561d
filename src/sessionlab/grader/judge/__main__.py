"""The judge's process, as a front end starts it: reads what to grade, sends each check and then the verdict."""

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from ...course.errors import WrongUse
from ..frames import Channel, take_standard_streams


class Requests:
    """Reads what to grade, in a thread of its own, so that a front end that goes away ends the judge at once."""

    def __init__(self, channel: Channel, judge: Any) -> None:
        self._channel = channel
        self._judge = judge
        self._waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="sessionlab requests", daemon=True).start()

    def _read(self) -> None:
        try:
            while (request := self._channel.receive()) is not None:
                self._waiting.put(request)
        finally:
            self._judge.close()
            os._exit(0)

    def next(self) -> dict[str, Any]:
        """Return the next request; does not return when the front end goes away."""
        return self._waiting.get()


class Serve:
    """A pytest plugin that runs the collected suite once for each request, and keeps it warm in between."""

    def __init__(self, channel: Channel, judge: Any, requests: Requests, request: dict[str, Any]) -> None:
        self._channel = channel
        self._judge = judge
        self._requests = requests
        self.request = request
        self._fresh = True

    def pytest_configure(self, config: Any) -> None:
        """Let the suite use this process's hosts."""
        from ..suite import use_judge

        use_judge(config, self._judge)

    def pytest_runtestloop(self, session: Any) -> bool:
        """Grade, until a request comes for another suite, another of its databases, or none."""
        suite, database = self.request["suite"], self.request.get("database")
        seen = os.stat(suite).st_mtime_ns
        if session.testsfailed or not session.items:
            return True
        while (self.request["suite"], self.request.get("database")) == (suite, database) and os.stat(
            suite
        ).st_mtime_ns == seen:
            self._grade(session, self.request)
            self.request = self._next()
        return True

    def pytest_collectreport(self, report: Any) -> None:
        """Tell the front end that a suite can't be collected: the grader's fault."""
        if report.failed:
            self._channel.send({"broken": str(report.longrepr)})

    def _grade(self, session: Any, request: dict[str, Any]) -> None:
        suite = session.items[0].parent
        source = request.get("source")
        suite.begin(
            Path(request["submission"]),
            request.get("database"),
            request.get("seed"),
            None if source is None else source.encode("utf-8", "surrogateescape"),
        )
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            if not self._fresh and hasattr(item, "_initrequest"):
                item._initrequest()  # pytest's own way to run an item again
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        self._fresh = False
        suite.grading.ahead.discard()
        verdict = suite.grading.verdict(suite.expected)
        self._channel.send({"verdict": verdict.to_json(), "hash": suite.grading.hash})

    def _next(self) -> dict[str, Any]:
        self._judge.hosts.warm_spare()
        return self._requests.next()

    def pytest_sessionlab_checked(self, config: Any, check: Any) -> None:
        """Tell the front end of each check, for its progress."""
        self._channel.send({"checked": check.id, "state": check.state})


def main() -> None:
    """Serve one front end until it goes away."""
    channel = take_standard_streams()
    from .resources import Resources  # the first host starts here, and imports while this process does

    judge = Resources()
    judge.hosts.keep_spare("--stay" in sys.argv)
    requests = Requests(channel, judge)
    from .. import suite  # noqa: F401 - with pytest, while nobody has asked for anything yet

    request = requests.next()
    while True:
        request = _serve(channel, judge, requests, request)


def _serve(channel: Channel, judge: Any, requests: Requests, request: dict[str, Any]) -> dict[str, Any]:
    import pytest

    lacking = _lacking(judge, request.get("database") or "sqlite")
    if lacking:
        channel.send({"lacking": lacking})
        return requests.next()
    serve = Serve(channel, judge, requests, request)
    sys.modules.pop(Path(request["suite"]).stem, None)
    options = [
        "-c",
        request["config"],
        "--rootdir",
        str(Path(request["config"]).parent),
        "--assert=plain",
        "-s",
    ]
    off = [
        option for name in ("cacheprovider", "terminal", "faulthandler") for option in ("-p", f"no:{name}")
    ]
    on = ["--on", request["database"]] if request.get("database") else []
    code = pytest.main(
        [*options, *off, *on, "--submission", request["submission"], request["suite"]], plugins=[serve]
    )
    if serve.request is request:
        # The loop was never reached, so nothing has been told: pytest itself could not begin.
        channel.send({"broken": f"pytest ended with {code!r} before the first check"})
        return requests.next()
    return serve.request


def _lacking(judge: Any, database: str) -> list[str]:
    """Return what is to be said where there is no such database here, and what to do about it; else nothing."""
    try:
        judge.databases.prepare(database)
    except WrongUse as error:
        return [error.fact, error.hint]
    return []


if __name__ == "__main__":
    main()
