"""Run a submission that is a test file under pytest, in this process, as a program of its own would run it."""

from __future__ import annotations

import gc
import importlib
import linecache
import os
import random
import sys
import tempfile
from collections.abc import Generator
from functools import reduce
from pathlib import Path
from typing import Any

import anyio.pytest_plugin
import pytest

from ...recorder import listeners
from ...recorder.recording import CALL, Recording, active, unit
from ..values import encode
from .faults import fault
from .loading import MODULE, Snapshot
from .pytest_integrity import Intact

PASSED, FAILED, ERROR, SKIPPED = "passed", "failed", "error", "skipped"
XFAILED, XPASSED, NOT_RUN = "xfailed", "xpassed", "not run"

# Without the plugins that slow a run down, or that a host can't share: its deadlines need faulthandler.
_WITHOUT = ("cacheprovider", "terminal", "faulthandler", "doctest", "unraisableexception", "threadexception")
_PRINTED = 2000
_PYTEST = Intact("pytest", "_pytest", "pluggy")


def run_tests(folder: str, order: str, only: list[str] | None, look: list[str], stop: bool) -> dict[str, Any]:
    """Run `folder`/work/exercise.py; nothing outside that file and pytest's own defaults has a say.

    The modules beside it are imported afresh; `tmp_path` lies in `folder`/tmp, other temporary files in
    `folder`/temp. `order` is "given", "reverse", or "seed N"; `only` names the tests to run. `look` names
    what to tell of afterwards, each as "module:attribute"; `stop` ends the run at the first failure.

    Returns the tests' outcomes, the errors of the collection, what stopped pytest, what was looked at, and
    whether pytest itself is `whole`.
    """
    before, engines = Snapshot(), set(listeners.engines)
    plugin = _Outcomes(order, only)
    try:
        _enter(Path(folder))
        plugin.end(pytest.main(_options(Path(folder), stop), plugins=[plugin, anyio.pytest_plugin]))
        looked = [_looked(name) for name in look]
        return {**plugin.told(), "looked": looked, "whole": _PYTEST.holds()}
    finally:
        tempfile.tempdir = None
        before.restore()
        _let_go(set(listeners.engines) - engines)
        print("".join(plugin.printed)[:_PRINTED], end="")


def _enter(folder: Path) -> None:
    work = folder / "work"
    os.chdir(work)
    sys.path.insert(0, str(work))
    tempfile.tempdir = str(folder / "temp")
    for name in [name for name in os.environ if name.startswith("PYTEST")]:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for path in work.glob("*.py"):
        sys.modules.pop(path.stem, None)
    importlib.invalidate_caches()
    linecache.checkcache()


def _options(folder: Path, stop: bool) -> list[str]:
    off = [option for name in _WITHOUT for option in ("-p", f"no:{name}")]
    places = ["-c", str(folder / "pytest.ini"), "--rootdir", str(folder), "--basetemp", str(folder / "tmp")]
    ends = ["--maxfail=1"] if stop else []
    return [*places, *off, *ends, "--noconftest", "--capture=sys", str(folder / "work" / f"{MODULE}.py")]


def _looked(name: str) -> Any:
    module, _, path = name.partition(":")
    try:
        return encode(reduce(getattr, path.split("."), sys.modules[module]))
    except (KeyError, AttributeError):  # never imported, or taken away: there is nothing to see
        return None


def _let_go(engines: set[Any]) -> None:
    """Close what the tests have left open, as the end of their program would."""
    if any(getattr(engine.pool, "checkedout", int)() for engine in engines):
        gc.collect()
    for engine in engines:
        if not engine.dialect.is_async:  # those are closed on a loop, when the check ends
            engine.dispose()


class _Outcomes:
    """A pytest plugin that puts the tests into an order, notes what comes of each, and records each as a call."""

    def __init__(self, order: str, only: list[str] | None) -> None:
        self._order = order
        self._only = only
        self._tests: dict[str, dict[str, Any]] = {}
        self._collection: list[dict[str, Any]] = []
        self._stopped = ""
        self.printed: list[str] = []

    def told(self) -> dict[str, Any]:
        return {"tests": list(self._tests.values()), "collection": self._collection, "stopped": self._stopped}

    def end(self, code: int) -> None:
        """Note an end that no hook has told of: pytest's own, before it began."""
        if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR) and not self._stopped:
            self._stopped = f"pytest ended with {code!r}"

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "native"  # nobody reads pytest's own report, and a long one takes a second

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._only is not None:
            items[:] = [item for item in items if _name(item) in self._only]
        if self._order == "reverse":
            items.reverse()
        elif self._order != "given":
            random.Random(self._order).shuffle(items)
        self._tests = {_name(item): {"name": _name(item), "outcome": NOT_RUN} for item in items}

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        report: Any = yield
        if report.failed:
            self._collection.append(fault(report.call.excinfo.value))
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        with unit(*CALL, text=_name(item)) as token:
            self._tests[_name(item)]["request"] = _recording().request_number(token)
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report: Any = yield
        test = self._tests[_name(item)]
        outcome = _outcome(report)
        if outcome is not None and test["outcome"] in (NOT_RUN, PASSED):
            test["outcome"] = outcome
            test["error"] = _fault(call.excinfo.value) if call.excinfo and report.failed else None
        if report.failed:
            self.printed.append(report.capstdout)
        return report

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._stopped = excinfo.exconly()

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        self._stopped = excinfo.exconly()
        return True  # it is told; pytest need not print it


def _fault(error: BaseException) -> dict[str, Any]:
    """Return what `fault` does; of a fixture that is not there with pytest's words, since `str` has none."""
    told = fault(error)
    if isinstance(error, pytest.FixtureLookupError):
        told["text"] = error.formatrepr().errorstring.splitlines()[0].strip()
    return told


def _recording() -> Recording:
    return active[-1]


def _name(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[2]


def _outcome(report: pytest.TestReport) -> str | None:
    """Return what this phase makes of its test; None where it changes nothing."""
    if hasattr(report, "wasxfail"):
        return XFAILED if report.skipped else XPASSED
    if report.skipped:
        return SKIPPED
    if report.failed:
        return FAILED if report.when == "call" else ERROR
    return PASSED if report.when == "call" else None
