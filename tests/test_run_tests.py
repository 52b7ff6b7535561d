"""A submission that is a test file: its tests run afresh, in any order, alone in the world, and are told apart."""

import pytest

from sessionlab.grader.judge import host as judge_host
from sessionlab.grader.judge.hosts import Hosts
from sessionlab.grader.judge.temporary_folders import run_folder
from sessionlab.grader.verdict_document import Failed


@pytest.fixture(scope="module")
def hosts():
    with run_folder() as folder:
        made = Hosts(folder)
        yield made
        made.close()


@pytest.fixture
def begun(hosts):
    """Begin a check with a submission of this source; it is ended after the test."""
    taken = []

    def begin(source: str, path: str = "", **environment: str):
        host = hosts.take(source.encode())
        taken.append(host)
        if path:  # loaded as well
            host.begin_loading(environment, path)
            assert host.loaded() is None
        else:
            host.begin(environment)
        return host

    yield begin
    for host in taken:
        whole, _ = host.end()
        hosts.give_back(host, whole)


@pytest.fixture
def run(begun):
    """Run the tests of a source, once."""
    return lambda source, modules=None, **options: begun(source).run_tests(modules or {}, **options)


def outcomes(tested):
    """Return what came of each test, in the order in which they ran."""
    return {test.name: test.outcome for test in tested.tests}


def test_each_outcome_is_told_apart(run):
    """A failed test is no failed fixture, and a test that was skipped or is expected to fail has not passed."""
    tested = run("""
import pytest

@pytest.fixture
def broken(): raise KeyError("gone")

@pytest.fixture
def broken_later():
    yield
    raise KeyError("gone")

def test_passes(): pass
def test_fails(): assert 1 == 2
def test_has_no_fixture(broken): pass
def test_can_not_clean_up(broken_later): pass
def test_fails_and_can_not_clean_up(broken_later): assert 1 == 2
def test_is_skipped(): pytest.skip("later")
@pytest.mark.xfail
def test_is_expected_to_fail(): assert False
@pytest.mark.xfail
def test_passes_unexpectedly(): pass
@pytest.mark.parametrize("number", [1, 2])
def test_each(number): assert number == 1
""")
    assert outcomes(tested) == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_has_no_fixture": "error",
        "test_can_not_clean_up": "error",
        "test_fails_and_can_not_clean_up": "failed",
        "test_is_skipped": "skipped",
        "test_is_expected_to_fail": "xfailed",
        "test_passes_unexpectedly": "xpassed",
        "test_each[1]": "passed",
        "test_each[2]": "failed",
    }
    assert [test.name for test in tested.unhappy] == [
        "test_fails",
        "test_has_no_fixture",
        "test_can_not_clean_up",
        "test_fails_and_can_not_clean_up",
        "test_each[2]",
    ]


def test_a_failure_names_the_line_and_what_was_compared(run):
    """The learner reads the assertion with its values, and the line of the test file."""
    (test,) = run("def test_sum():\n    total = 1 + 1\n    assert total == 3\n").tests
    assert str(test) == "test_sum: failed, AssertionError: assert 2 == 3 (exercise.py:3 in test_sum)"


def test_the_modules_beside_it_are_loaded_afresh(begun):
    """A module of the same name, size and second is another module in the next run."""
    host = begun("import told\n\ndef test_it(): assert told.VALUE == 1\n")
    runs = [host.run_tests({"told.py": f"VALUE = {value}\n"}) for value in (1, 2, 1)]
    assert [outcomes(tested)["test_it"] for tested in runs] == ["passed", "failed", "passed"]


def test_a_module_that_was_loaded_before_is_loaded_afresh(begun, tmp_path):
    """A check may load the submission, and with it the modules that lie beside it, and run its tests all the same."""
    (tmp_path / "told.py").write_text("VALUE = 1\n")
    source = "import told\n\ndef test_it(): assert told.VALUE == 2\n"
    host = begun(source, str(tmp_path / "exercise.py"))
    assert outcomes(host.run_tests({"told.py": "VALUE = 2\n"})) == {"test_it": "passed"}


def test_the_submission_is_loaded_afresh(run):
    """An edit of the same size within the same second is seen."""
    assert [outcomes(run(f"def test_it(): assert {value} == 1\n"))["test_it"] for value in (1, 2, 1)] == [
        "passed",
        "failed",
        "passed",
    ]


@pytest.fixture
def ten(begun):
    return begun("import pytest\n@pytest.mark.parametrize('n', range(10))\ndef test_it(n): assert n != 4\n")


def test_the_order_is_the_judges(ten):
    """The tests run as they are asked to, and a seed stands for one order."""
    given, back, first, again, second = (
        list(outcomes(ten.run_tests({}, order=order)))
        for order in ("given", "reverse", "seed 1", "seed 1", "seed 2")
    )
    assert given == [f"test_it[{n}]" for n in range(10)]
    assert back == given[::-1]
    assert first == again
    assert sorted(first) == sorted(second) == given
    assert len({tuple(order) for order in (given, back, first, second)}) == 4


def test_some_tests_can_be_run_alone(ten):
    """`only` names the tests to run."""
    assert outcomes(ten.run_tests({}, only=["test_it[3]", "test_it[4]"])) == {
        "test_it[3]": "passed",
        "test_it[4]": "failed",
    }


def test_a_run_can_stop_at_the_first_failure(ten):
    """What comes after it was not run, and that is no early end of the tests' own."""
    tested = ten.run_tests({}, stop=True)
    assert [test.outcome for test in tested.tests] == ["passed"] * 4 + ["failed"] + ["not run"] * 5
    assert tested.stopped == ""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("pytest.exit('enough')", "Exit: enough"),
        ("pytest.exit('enough', returncode=0)", "Exit: enough"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_tests_after_an_early_end_were_not_run(run, body, told):
    """Whoever ends pytest has not passed what would have come."""
    tested = run(f"import pytest\ndef test_1(): pass\ndef test_2(): {body}\ndef test_3(): pass\n")
    assert outcomes(tested) == {"test_1": "passed", "test_2": "not run", "test_3": "not run"}
    assert told in tested.stopped


def test_sys_exit_in_a_test_is_a_failure(run):
    """It ends that test, and no other."""
    tested = run("import sys\ndef test_1(): sys.exit(0)\ndef test_2(): pass\n")
    assert outcomes(tested) == {"test_1": "failed", "test_2": "passed"}


def test_ending_the_process_is_a_verdict(begun):
    """os._exit(0) ends the host, not the judge, and nothing has passed."""
    with pytest.raises(Failed, match="ended the process with exit code 0"):
        begun("import os\ndef test_it(): os._exit(0)\n").run_tests({})


def test_a_test_that_never_ends_is_a_verdict_with_its_line(begun, monkeypatch):
    """Each run has a deadline."""
    host = begun("import threading\ndef test_it(): threading.Event().wait()\n")
    host.run_tests({}, only=[])  # a new host imports pytest first
    monkeypatch.setattr(judge_host, "RUN_SECONDS", 1.0)
    with pytest.raises(Failed, match=r"did not come back[^$]*exercise.py:2 in test_it") as caught:
        host.run_tests({})
    assert caught.value.mistake == "STUCK"


@pytest.mark.parametrize("source", ["1 / 0\n", "import nothing_of_this_name\n", "def test_it(:\n"])
def test_what_can_not_be_collected_is_told(run, source):
    """A file that pytest can't import has no tests, and an error of its own."""
    tested = run(source)
    assert tested.tests == ()
    assert len(tested.collection) == 1


def test_ending_the_program_while_it_is_collected_is_told(run):
    """A file that exits has no tests, and pytest's own error is none of the grader's."""
    tested = run("import sys\nsys.exit(0)\ndef test_it(): pass\n")
    assert (tested.tests, tested.stopped) == ((), "SystemExit: 0")


def test_a_test_that_is_not_written_yet_is_named(begun):
    """The first TODO that a test or a fixture meets is what to do next."""
    source = """
import pytest

@pytest.fixture
def engine():
    # TODO: make an engine
    raise NotImplementedError("make an engine")

def test_it(engine): pass
"""
    with pytest.raises(Failed, match="TODO make an engine") as caught:
        begun(source).run_tests({})
    assert caught.value.mistake == "NOT_WRITTEN"


def test_no_configuration_has_a_say(begun, hosts):
    """Neither files above the tests nor the environment change how they are run."""
    source = """
from pathlib import Path
def test_it(): Path("pytest.ini").write_text("[pytest]\\naddopts = --collect-only\\n")
"""
    host = begun(source, PYTEST_ADDOPTS="--collect-only", PYTEST_PLUGINS="no_such_plugin")
    (host.process.home / "conftest.py").write_text("raise ValueError('read')\n")
    for _ in range(2):  # the second run finds the file that the first has written
        assert outcomes(host.run_tests({"conftest.py": "raise ValueError('read')\n"})) == {
            "test_it": "passed"
        }


def test_a_fixture_that_is_not_there_is_told_in_words(run):
    """The text of pytest's exception is its arguments, of which no learner can make anything."""
    tested = run("def test_it(cleint): pass")
    assert tested.tests[0].error.text == "fixture 'cleint' not found"


def test_what_a_run_changes_is_put_back(begun):
    """The next run starts as the first did: environment, folder, modules, path, listeners."""
    source = """
import os, sys, types
import pytest
from sqlalchemy import Engine, event, create_engine
begun = []

@pytest.fixture(autouse=True, scope="module")
def traces():
    assert "LEFT" not in os.environ and os.path.basename(os.getcwd()) == "work"
    assert "left" not in sys.modules and "/left" not in sys.path
    os.environ["LEFT"] = "1"
    sys.modules["left"] = types.ModuleType("left")
    sys.modules["left"].__file__ = __file__
    sys.path.append("/left")
    event.listen(Engine, "begin", begun.append)
    os.chdir("/")

def test_one_listener():
    with create_engine("sqlite://").connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    assert len(begun) == 1
"""
    host = begun(source)
    for _ in range(2):
        assert [str(test) for test in host.run_tests({}).tests] == ["test_one_listener: passed"]


def test_the_host_can_be_used_again_after_tests_that_behave(hosts):
    """Running pytest in the host costs no new host for the next check."""
    host = hosts.take(
        b"import pytest\ndef test_it(monkeypatch): monkeypatch.setattr(pytest, 'exit', print)\n"
    )
    host.begin({})
    host.run_tests({})
    whole, _ = host.end()
    hosts.give_back(host, whole)
    assert whole


@pytest.mark.parametrize(
    "patch",
    [
        "_pytest.runner.pytest_runtest_call = lambda item: None",
        "pytest.Function.runtest = lambda self: None",
        "pytest.raises = None",
    ],
)
def test_a_host_whose_pytest_was_patched_is_not_used_again(hosts, patch):
    """A test file that changes the pytest that runs it changes it for nobody else."""
    host = hosts.take(f"import pytest, _pytest.runner\ndef test_it(): {patch}\n".encode())
    host.begin({})
    host.run_tests({})
    whole, _ = host.end()
    hosts.give_back(host, whole)
    assert not whole


def test_files_outside_tmp_path_are_told(begun):
    """What the tests leave lies in the run's own folder, and is named; tmp_path is theirs."""
    host = begun("""
import sqlite3, tempfile
from pathlib import Path

def test_it(tmp_path, tmp_path_factory):
    (tmp_path / "mine.txt").write_text("")
    (tmp_path_factory.mktemp("more") / "mine.txt").write_text("")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "gone.txt").write_text("")
    sqlite3.connect("test.db").execute("CREATE TABLE a (b)").connection.close()
    Path(__file__).with_name("told.py").write_text("changed")
    Path("../beside.txt").write_text("")
    Path(tempfile.mkstemp()[1]).rename(Path(tempfile.gettempdir(), "kept.txt"))
""")
    tested = host.run_tests({"told.py": ""})
    assert not tested.unhappy, tested.tests
    assert tested.left == ("beside.txt", "temp/kept.txt", "work/test.db", "work/told.py")


def test_a_run_finds_what_the_one_before_has_left(begun):
    """Runs of one check share a folder, unless a new one is asked for."""
    host = begun("""
from pathlib import Path

def test_it():
    assert not Path("left.txt").exists()
    Path("left.txt").write_text("")
""")
    runs = [host.run_tests({}), host.run_tests({}), host.run_tests({}, fresh=True)]
    assert [outcomes(tested)["test_it"] for tested in runs] == ["passed", "failed", "passed"]


def test_a_module_can_be_looked_at_afterwards(begun):
    """What the tests have changed in a module beside them is seen before it is forgotten."""
    host = begun("import told\ndef test_it(): told.Box.items['a'] = 1\n")
    tested = host.run_tests(
        {"told.py": "class Box: items = {}\n"}, look=["told:Box.items", "told:Box.nothing", "never:imported"]
    )
    assert tested.looked == ({"a": 1}, None, None)


def test_anyio_runs_asynchronous_tests(run):
    """The plugin that comes with httpx's and FastAPI's own dependencies is there."""
    tested = run("""
import anyio, pytest

@pytest.fixture
def anyio_backend(): return "asyncio"

@pytest.mark.anyio
async def test_it(): await anyio.lowlevel.checkpoint()

async def test_nobody_runs_this(): pass
""")
    assert outcomes(tested) == {"test_it": "passed", "test_nobody_runs_this": "failed"}


def test_pytests_own_fixtures_are_there(run):
    """Leaving plugins out takes nothing from a learner's tests."""
    tested = run("""
import logging, os, unittest, warnings

def test_sys(capsys, caplog, recwarn, monkeypatch, request, pytestconfig):
    print("told")
    logging.getLogger().warning("logged")
    warnings.warn("warned")
    assert (capsys.readouterr().out, caplog.messages, len(recwarn)) == ("told\\n", ["logged"], 1)

def test_fd(capfd):
    os.write(1, b"told")
    assert capfd.readouterr().out == "told"

class TestOld(unittest.TestCase):
    def test_it(self): self.assertEqual(1, 1)
""")
    assert outcomes(tested) == {"test_sys": "passed", "test_fd": "passed", "TestOld::test_it": "passed"}


def test_what_a_failing_test_printed_is_told(hosts):
    """Passing tests keep what they print to themselves, as they do under pytest."""
    host = hosts.take(b"def test_1(): print('quiet')\ndef test_2(): print('loud'); assert False\n")
    host.begin({})
    host.run_tests({})
    whole, printed = host.end()
    hosts.give_back(host, whole)
    assert printed.strip() == "loud"


def test_each_test_is_a_call_in_the_trace(begun):
    """What an app did for a test stands between that test's beginning and its end."""
    host = begun("""
from fastapi import FastAPI
from fastapi.testclient import TestClient

def test_1(): pass
def test_2(): assert TestClient(FastAPI()).get("/nothing").status_code == 404
""")
    tested = host.run_tests({})
    trace = host.trace()
    kinds = ["call started", "call done", "call started", "request started", "request done", "call done"]
    assert [event.kind for event in trace.of(*kinds)] == kinds
    assert [event.request for event in trace.of("call started")] == [test.request for test in tested.tests]
