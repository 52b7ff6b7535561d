"""The pytest plugin that makes a file in `checks/` a suite: fixtures for its checks, and verdicts from its outcomes.

A suite is ordinary pytest: one function a check. Its fixtures are `host` (the submission, freshly loaded),
`app` (the submission's app, started) and `database` (new and empty, as the judge sees it). A submission that is
a test file has `bare_host` to run it, beside what `given` and `mutants` hold.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..course.answers import submitted
from ..course.errors import WrongUse
from .deadline import asked_deadline
from .judge.resources import Resources
from .seeds import Seeds, asked_seed
from .verdict_document import Check, Failed, duplicates

if TYPE_CHECKING:
    from ..databases.postgres import PostgresError

_JUDGE = pytest.StashKey["Resources"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a suite's run."""
    group = parser.getgroup("sessionlab")
    group.addoption(
        "--submission", metavar="FILE", help="grade this file instead of the one in the work folder"
    )
    group.addoption(
        "--on", metavar="DATABASE", default=None, help="sqlite or postgresql, where a suite runs on both"
    )


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> pytest.Module | None:
    """Collect a file of the course's `checks/` as a suite."""
    if module_path.parent.name != "checks" or not _in_course(module_path):
        return None
    suite: pytest.Module = Suite.from_parent(parent, path=module_path)
    return suite


def _in_course(path: Path) -> bool:
    return (path.parent.parent / "lessons" / path.stem.removeprefix("test_")).is_dir()


def judge_of(config: pytest.Config) -> Resources:
    """Return this run's judge; it is made on first use and closed with the run."""
    judge = config.stash.get(_JUDGE, None)
    if judge is None:
        judge = config.stash[_JUDGE] = Resources()
        config.add_cleanup(judge.close)
    return judge


def use_judge(config: pytest.Config, judge: Resources) -> None:
    """Let this run use a judge that somebody else closes."""
    config.stash[_JUDGE] = judge


class Suite(pytest.Module):
    """A check suite. Its first check, `load`, is the engine's own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.judge = judge_of(self.config)
        self.lesson = self.path.stem.removeprefix("test_")
        self.expected: list[str] = []
        self.grading: Any = None

    def collect(self) -> Iterator[Any]:
        """Yield the checks, and begin a grading of the submission."""
        declared = _declared(self.path)
        twice = duplicates(["load", *declared])
        if twice:
            raise self.CollectError(f"{self.path.name} defines more than one check {twice[0]!r}")
        self.begin(submission_of(self), seed=self._seed())
        self.expected = ["load", *(name for name in declared if self._on_this(f"test_{name}"))]
        yield LoadCheck.from_parent(self, name="load")
        yield from (item for item in super().collect() if self._on_this(item.name))

    def _on_this(self, name: str) -> bool:
        """Say whether a check holds on the database of this run; a check without a mark does on each."""
        on = getattr(getattr(self.obj, name.partition("[")[0], None), "on", ())
        if on and not set(on) & set(self.offered):
            raise self.CollectError(f"{name} is for {', '.join(on)}, on which {self.lesson} does not run")
        return not on or self.grading.database in on

    def begin(
        self,
        submission: Path,
        database: str | None = None,
        seed: int | None = None,
        source: bytes | None = None,
    ) -> None:
        """Begin a grading: read the submission unless its source is given, forget what was judged before."""
        from .judge.grading import Grading
        from .judge.next_load import Ahead
        from .judge.patience import Patience

        database = database or self.database
        self._prepare(database)
        self.judge.hosts.patience = Patience()
        self.grading = Grading(
            self.lesson,
            submission,
            self._read(submission) if source is None else source,
            self.judge.hosts,
            Ahead(self.judge.hosts, self.judge.databases),
            self.judge.folder,
            database,
            getattr(self.obj, "MISTAKES", {}),
            getattr(self.obj, "HINTS", {}),
            str(self.path.parent.parent / "lessons" / self.lesson),
            seed,
        )

    def _read(self, submission: Path) -> bytes:
        try:
            return submitted(submission)
        except WrongUse as error:
            raise self.CollectError(str(error)) from None

    def _prepare(self, database: str) -> None:
        try:
            asked_deadline()
            self.judge.databases.prepare(database)
        except WrongUse as error:
            raise self.CollectError(str(error)) from None

    def _seed(self) -> int | None:
        try:
            return asked_seed()
        except WrongUse as error:
            raise self.CollectError(str(error)) from None

    @property
    def offered(self) -> tuple[str, ...]:
        """The databases that the lesson runs on."""
        from ..course.lesson import find_lesson

        return find_lesson(self.path.parent.parent, self.lesson).database

    @property
    def database(self) -> str:
        """The database that this run is on."""
        chosen = self.config.getoption("--on") or self.offered[0]
        if chosen not in self.offered:
            raise self.CollectError(f"{self.lesson} runs on {' and '.join(self.offered)}, not on {chosen}")
        return str(chosen)


def _declared(path: Path) -> list[str]:
    tree = ast.parse(path.read_bytes())
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name.removeprefix("test_") for name in names if name.startswith("test_")]


def submission_of(suite: Suite) -> Path:
    """Return the file to grade: the option's, the environment's, or the learner's own.

    Raises:
        Suite.CollectError: there is no such file; pytest shows it without any frames.
    """
    given = suite.config.getoption("--submission") or os.environ.get("SESSIONLAB_SUBMISSION")
    path = Path(given).absolute() if given else _learners(suite)
    if not path.is_file():
        hint = "name another file" if given else "`sessionlab` lays the exercises; --submission names one"
        raise suite.CollectError(f"there is no file {path}\n\nhint: {hint}")
    return path


def _learners(suite: Suite) -> Path:
    from ..course.lesson import find_lesson
    from ..course.root import find_work
    from ..course.work import submission

    course = suite.path.parent.parent
    return submission(find_lesson(course, suite.lesson), find_work(course))


class Blocked(pytest.skip.Exception):  # type: ignore[name-defined]  # public, and typed as a variable
    """A check is skipped, because one that it builds on has not passed. A suite's own skip is no such thing."""


class LoadCheck(pytest.Item):
    """Python can load the submission."""

    def runtest(self) -> None:
        """Load it; raises Failed."""
        suite = _suite(self)
        with suite.judge.databases.new(suite.grading.database) as database:
            suite.grading.load(check_of(self), {"DATABASE_URL": database.url})

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where this check stands."""
        return self.path, 0, "load"


def _suite(item: pytest.Item) -> Suite:
    suite = item.getparent(Suite)
    assert suite is not None
    return suite


def check_of(item: pytest.Item) -> Check:
    """Return the outcome of an item's check; it is filled while the check runs."""
    suite = _suite(item)
    name = item.name.removeprefix("test_")
    doc = getattr(getattr(item, "obj", None), "__doc__", None) or LoadCheck.__doc__ or ""
    title = (doc.strip() or name).splitlines()[0].rstrip(".")  # under -OO there are no docstrings
    check: Check = suite.grading.checks.setdefault(name, Check(name, title, ""))
    return check


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a check that builds on one that has not passed."""
    if isinstance(item.parent, Suite):
        blocker = item.parent.grading.blocker(getattr(getattr(item, "obj", None), "needs", ()))
        if blocker and not isinstance(item, LoadCheck):
            raise Blocked(f"{blocker} did not pass")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Note whether the next check needs the submission, too: another host may load it while this one runs."""
    if isinstance(item.parent, Suite):
        item.parent.grading.another = "host" in getattr(nextitem, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Turn a check's outcome into a state."""
    if not isinstance(item.parent, Suite):
        return (yield)
    if call.excinfo is not None and isinstance(call.excinfo.value, Failed):
        # pytest would lay out the suite's traceback, which takes longer than the check and is shown to nobody.
        item.repr_failure = lambda excinfo, style=None: ""  # type: ignore[method-assign]
    try:
        report = yield
    finally:
        vars(item).pop("repr_failure", None)
    _note(item, call, report)
    return report


class _Told:
    """A check's outcome as pytest shows it: its trace is drawn only where somebody looks.

    pytest writes a report's `longrepr` by its `toterminal`, where it has one, and else as text.
    """

    def __init__(self, check: Check) -> None:
        self._check = check

    def toterminal(self, tw: Any) -> None:
        """Write the lines that tell it, to pytest's terminal writer."""
        for line in self._lines():
            tw.line(line)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        from .feedback import told  # a judge that is asked for JSON draws nothing

        return [line for _, line in told(self._check)]


def _note(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    check, grading = check_of(item), _suite(item).grading
    check.seconds += call.duration
    if call.excinfo is not None and check.state not in ("failed", "broken"):
        _note_exception(item, check, grading, call.excinfo)
    elif call.when == "call" and not check.state:
        check.state = "passed"
    if check.state in ("failed", "broken") and report.failed:
        report.longrepr = _Told(check)  # type: ignore[assignment]  # pytest asks for `toterminal` alone
    if call.when == "teardown":
        item.config.hook.pytest_sessionlab_checked(config=item.config, check=check)


def _note_exception(
    item: pytest.Item, check: Check, grading: Any, excinfo: pytest.ExceptionInfo[Any]
) -> None:
    error = excinfo.value
    if (lost := _lost(item, error)) is not None:
        grading.lose(check, f"{lost.fact} {lost.reason}", lost.hint)
    elif isinstance(error, Failed):
        grading.fail(check, error)
    elif isinstance(error, Blocked):
        grading.skip(check, grading.blocker(getattr(getattr(item, "obj", None), "needs", ())))
    else:
        grading.break_(check, str(item.repr_failure(excinfo)))


def _lost(item: pytest.Item, error: BaseException) -> PostgresError | None:
    """Return what is to be said where the check's database was not to be had to its end, or None.

    A server that went away lets the submission fail, or the suite, and neither has a fault.
    """
    from ..databases.postgres import PostgresError

    if isinstance(error, PostgresError):
        return error
    if isinstance(error, Blocked):
        return None
    suite = _suite(item)
    return suite.judge.databases.lost(suite.grading.database)


class _Hooks:
    @pytest.hookspec
    def pytest_sessionlab_checked(self, config: pytest.Config, check: Check) -> None:
        """A check has been judged and everything of it is cleared away."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hook that tells of each judged check."""
    pluginmanager.add_hookspecs(_Hooks)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A new and empty database, as the judge sees it."""
    suite = _suite(request.node)
    hosted = "host" in request.fixturenames
    new = suite.grading.ahead.database if hosted else suite.judge.databases.new
    with new(suite.grading.database) as made:
        yield made


@pytest.fixture
def other_database(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A second database, new and empty, for what must not touch the first."""
    suite = _suite(request.node)
    with suite.judge.databases.new(suite.grading.database) as made:
        yield made


@pytest.fixture
def host(request: pytest.FixtureRequest, database: Any) -> Iterator[Any]:
    """The host, with the submission freshly loaded; `DATABASE_URL` names the check's database."""
    item = request.node
    with _suite(item).grading.hosting(check_of(item), {"DATABASE_URL": database.url}) as made:
        yield made


@pytest.fixture
def bare_host(request: pytest.FixtureRequest, database: Any) -> Iterator[Any]:
    """The host with nothing loaded, for a submission that is a test file; `DATABASE_URL` names the check's database."""
    item = request.node
    with _suite(item).grading.hosting(check_of(item), {"DATABASE_URL": database.url}, load=False) as made:
        yield made


@pytest.fixture
def given(request: pytest.FixtureRequest) -> dict[str, str]:
    """The modules that the lesson gives with its exercise: each file's name, and its source."""
    return {path.name: path.read_text(encoding="utf-8") for path in _lesson(request).given}


@pytest.fixture
def mutants(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The lesson's mutants by their names."""
    from ..course.mutants import mutants as read_mutants

    return {mutant.name: mutant for mutant in read_mutants(_lesson(request))}


def _lesson(request: pytest.FixtureRequest) -> Any:
    from ..course.lesson import Lesson

    suite = _suite(request.node)
    return Lesson(suite.path.parent.parent, suite.lesson)


@pytest.fixture
def interleave(request: pytest.FixtureRequest, host: Any, database: Any) -> Iterator[Any]:
    """Begin a call and a transaction of the judge's beside it: `with interleave("name", *arguments) as pair:`.

    The steps of one are kept with the check, so that a page can show what came of it: of the last that the suite
    calls `telling`, or else of the last.
    """
    from dataclasses import asdict

    from .judge.interleaved import interleaved

    last: list[Any] = []

    @contextmanager
    def begin(target: str, *arguments: Any) -> Iterator[Any]:
        with interleaved(host, database, target, *arguments) as pair:
            yield pair
        if pair.telling or not (last and last[0].telling):
            last[:] = [pair]

    yield begin
    check = check_of(request.node)
    if last and not check.steps and host.process.alive:
        check.steps = [asdict(step) for step in last[0].steps()]


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> Any:
    """Sources of chance, each with its seed: `for seed, chance in seeds(200):`."""
    return Seeds(_suite(request.node).grading.seed)


@pytest.fixture
def app(host: Any) -> Iterator[Any]:
    """The submission's `app`, started; it is shut down after the check."""
    with host.app() as started:
        yield started
