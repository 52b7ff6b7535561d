"""Whatever a learner writes, the grader comes to a clear verdict, judges what it can, and leaves nothing behind."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from small_course import GOOD, SLUG, lay

from sessionlab.grader.front_end import Front
from sessionlab.grader.verdict_document import Verdict


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    return lay(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def front(course):
    # Shorter than a learner's deadline, since half of these tests run into it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SESSIONLAB_DEADLINE", "2")
        with Front(course, stay=True) as made:
            yield made


@pytest.fixture
def grade(front, tmp_path):
    """Grade a source: the good one with some functions written again."""

    def grading(source: str | bytes, instead: str = "") -> Verdict:
        path = tmp_path / "exercise.py"
        path.write_bytes(source if isinstance(source, bytes) else (source + instead).encode())
        return front.grade(SLUG, path)

    return grading


def states(verdict: Verdict) -> dict[str, str]:
    """Return each check's state."""
    return {check.id: check.state for check in verdict.checks}


def failed(verdict: Verdict, name: str):
    """Return a check, which must have failed while every other one passed."""
    assert states(verdict) == {
        **dict.fromkeys(("load", "adds", "doubles", "waits", "borrows"), "passed"),
        name: "failed",
    }, [(check.id, check.state, check.observed, check.detail) for check in verdict.checks]
    return next(check for check in verdict.checks if check.id == name)


def not_loaded(verdict: Verdict):
    """Return the load check, which must have failed while every other one was skipped because of it."""
    load, *others = verdict.checks
    assert (load.id, load.state, load.mistake["code"]) == ("load", "failed", load.mistake["code"])
    assert {(check.state, check.because) for check in others} == {("skipped", "load")}
    return load


def test_a_good_file_passes(grade):
    """The verdict on a correct file is passed, with every check in its order."""
    verdict = grade(GOOD)
    assert verdict.state == "passed"
    assert list(states(verdict)) == ["load", "adds", "doubles", "waits", "borrows"]


def test_a_syntax_error_names_its_line(grade):
    """The load check shows line, code and caret, and no traceback of the grader's."""
    load = not_loaded(grade("x = 1\n    def add(:\n"))
    assert "line 2" in load.observed
    assert "def add(:" in load.observed
    assert "^" in load.observed
    assert "Traceback" not in load.observed + load.detail


def test_a_syntax_error_elsewhere_names_its_file(grade, tmp_path):
    """Where a module beside the submission can't be read, it is that one which is named, and who imports it."""
    (tmp_path / "models.py").write_text("x = 1\ndef add(:\n")
    load = not_loaded(grade("import os\nimport models\n"))
    assert "models.py, line 2" in load.observed
    assert "exercise.py:2" in load.observed


def test_a_syntax_error_in_a_text_names_the_line_that_runs_it(grade):
    """What `eval` can't read is no line of the file: the line that calls it is named."""
    load = not_loaded(grade("import os\n\neval('1 +')\n"))
    assert "raised SyntaxError" in load.observed
    assert "exercise.py:3" in load.observed


def test_of_a_long_line_the_place_of_the_syntax_error_is_shown(grade):
    """A line that no terminal could show is cut around the caret, and nothing in it moves the cursor."""
    load = not_loaded(grade("x = " + "1 + " * 500 + "\x1b[2J) + 2\n"))
    assert max(map(len, load.observed.splitlines())) < 80
    _, code, caret = load.observed.splitlines()
    assert code[caret.index("^")] in "\N{REPLACEMENT CHARACTER})"


def test_a_missing_name_fails_only_its_checks(grade):
    """A misspelt name fails the checks that need it, and the nearest name is suggested."""
    check = failed(grade(GOOD.replace("def double", "def duoble")), "doubles")
    assert check.mistake["code"] == "MISSING_NAME"
    assert "'duoble'" in check.observed


def test_a_todo_says_what_to_write(grade):
    """A part that still raises NotImplementedError is named by its TODO."""
    check = failed(
        grade(GOOD, "\ndef add(a, b):\n    raise NotImplementedError('add two numbers')\n"), "adds"
    )
    assert check.mistake["code"] == "NOT_WRITTEN"
    assert "add two numbers" in check.observed


def test_a_librarys_not_implemented_error_is_no_todo(grade):
    """SQLAlchemy raises NotImplementedError where a listener is put on an async engine."""
    listens = """
def add(a, b):
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import create_async_engine
    event.listen(create_async_engine("sqlite+aiosqlite://"), "connect", print)
"""
    check = failed(grade(GOOD, listens), "adds")
    assert check.mistake is None
    assert "asynchronous events are not implemented" in check.observed


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("raise ValueError('no')", "ValueError: no (exercise.py:1"),
        ("import sys; sys.exit(0)", "ends the program"),
        ("raise SystemExit", "ends the program"),
        ("import os; os._exit(0)", "exit code 0"),
        ("import pytest; pytest.skip('easy', allow_module_level=True)", "Skipped"),
        ("import nowhere_to_be_found", "nowhere_to_be_found"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        (b"name = '\xff\xfe'", "utf-8"),
        (b"x = 1\x00", "null bytes"),
        ("def f(): f()\nf()", "RecursionError"),
    ],
)
def test_an_import_that_fails_is_one_verdict(grade, source, part):
    """A file that raises or exits while it is imported fails `load`, and says how."""
    assert part in not_loaded(grade(source)).observed


def test_a_file_that_is_too_large_is_told(grade):
    """A file that no frame holds does not load; the grader is not broken by it."""
    load = not_loaded(grade(GOOD + "#" + "x" * 13_000_000))
    assert "bytes" in load.observed


def test_an_empty_file_names_what_is_missing(grade):
    """An empty file loads, and each check says which name it looks for."""
    verdict = grade("")
    assert [check.mistake["code"] for check in verdict.checks[1:]] == ["MISSING_NAME"] * 4


def test_an_import_that_never_ends_is_stuck(grade):
    """An endless import is ended at its deadline, and its line is named."""
    load = not_loaded(grade("while True:\n    pass\n"))
    assert "did not come back" in load.observed
    assert "exercise.py:" in load.observed


def test_an_import_that_prints_without_end_is_cut(grade):
    """100 MB of output don't hold up the verdict, and most of them are left out of it."""
    verdict = grade("for _ in range(100):\n    print('x' * 1_000_000)\n" + GOOD)
    assert verdict.state == "passed"
    assert "left out" in verdict.checks[0].printed
    assert len(verdict.checks[0].printed) < 50_000


ENDLESS = {
    "an endless loop": "while True:\n        pass",
    "a regex that holds the GIL": "import re; re.match(r'(a+)+$', 'a' * 40 + 'b')",
    "a long sleep": "import time; time.sleep(3600)",
    "a lock taken twice": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "waiting for input that never comes": "import threading; threading.Event().wait()",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_a_call_that_never_ends_is_stuck(grade, body):
    """The check that meets it fails with the learner's line; the others are judged."""
    check = failed(grade(GOOD, f"\ndef add(a, b):\n    {body}\n"), "adds")
    assert check.mistake["code"] == "STUCK"
    assert "exercise.py:" in check.observed


def test_an_await_that_never_ends_names_its_line(grade):
    """Of a coroutine that waits, the line is told where it waits, and not only that it does."""
    waits = (
        "\nimport asyncio\n\nasync def inner():\n    await asyncio.Event().wait()\n\nasync def later(a):\n"
    )
    check = failed(grade(GOOD, waits + "    return await inner()\n"), "waits")
    assert check.mistake["code"] == "STUCK"
    assert "in inner" in check.observed


def test_a_pool_deadlock_is_named(grade):
    """Who holds the connections, and who waits for one, is told with the lines."""
    source = "\ndef borrow(engine):\n    held = [engine.connect() for _ in range(2)]\n    return engine.connect()\n"
    check = failed(grade(GOOD, source), "borrows")
    assert check.mistake["code"] == "POOL_DEADLOCK"
    lines = check.observed.splitlines()
    assert sum(line.startswith("holds connection") for line in lines) == 2
    assert sum(line.startswith("waits for a connection") for line in lines) == 1
    assert all("exercise.py:" in line for line in lines[1:])


def test_too_much_memory_is_named(course, tmp_path, monkeypatch):
    """A call that takes 3 GB is ended, and told so, also by a machine that needs its time to hand them out."""
    monkeypatch.setenv("SESSIONLAB_DEADLINE", "30")
    path = tmp_path / "exercise.py"
    path.write_text(GOOD + "\ndef add(a, b):\n    return [b'x' * 10**8 for _ in range(30)]\n")
    with Front(course) as front:
        check = failed(front.grade(SLUG, path), "adds")
    assert check.mistake["code"] == "MEMORY", check.observed


EXITS = ["import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)", "import os; os.abort()"]


@pytest.mark.parametrize("body", EXITS)
def test_a_call_that_ends_the_process_is_named(grade, body):
    """A process that ends is a failed check; the others are judged in a fresh host."""
    check = failed(grade(GOOD, f"\ndef add(a, b):\n    {body}\n"), "adds")
    assert check.mistake["code"] == "ENDED"


STRANGERS = ["os.kill(os.getppid(), 9)", "os.killpg(os.getpgid(os.getppid()), 15)", "os.kill(-1, 9)"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
@pytest.mark.parametrize("call", STRANGERS)
def test_a_signal_to_the_judge_is_refused(grade, call):
    """Whoever grades is not to be ended by what is graded: the call raises, and the others are judged."""
    check = failed(grade(GOOD, f"\nimport os\ndef add(a, b):\n    {call}\n"), "adds")
    assert "PermissionError: [Errno 1] an exercise can signal only" in check.observed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sleep")
def test_a_signal_to_a_process_of_its_own_is_not_refused(grade):
    """A program that was started may be ended, by its number, by its group, and one that has gone is not there."""
    body = """
    mine = subprocess.Popen(["sleep", "60"], start_new_session=True)
    other = subprocess.Popen(["sleep", "60"])
    os.killpg(mine.pid, 9)
    other.terminate()
    assert (mine.wait(), other.wait()) == (-9, -15)
    try:
        os.kill(mine.pid, 9)
    except ProcessLookupError:
        return a + b
"""
    assert grade(GOOD, f"\nimport os, subprocess\ndef add(a, b):{body}").state == "passed"


RAISES = ["import sys; sys.exit(0)", "import pytest; pytest.skip('no')", "import pytest; pytest.exit('no')"]


@pytest.mark.parametrize(
    "body", [*RAISES, "raise KeyboardInterrupt", "return add(a, b)", "raise GeneratorExit"]
)
def test_a_call_that_raises_is_told(grade, body):
    """Whatever is raised is an outcome of the call, and never the judge's own."""
    assert "raised" in failed(grade(GOOD, f"\ndef add(a, b):\n    {body}\n"), "adds").observed


FAILING_CLASSES = {
    "a text": "def __str__(self): raise ValueError('of its text')",
    "any attribute": "def __getattr__(self, name): return {}[name]",
    "a status": "status_code = property(lambda self: 1 / 0)",
}


@pytest.mark.parametrize("body", FAILING_CLASSES.values(), ids=FAILING_CLASSES)
def test_an_exception_that_fails_itself_is_told_by_its_class(grade, body):
    """The exception that was raised is told, and not one that came of looking at it."""
    raises = f"\nclass Odd(Exception):\n    {body}\n\ndef add(a, b):\n    raise Odd\n"
    check = failed(grade(GOOD, raises), "adds")
    assert "raised Odd" in check.observed
    assert "exercise.py:" in check.observed


FORGERIES = {
    "an object equal to everything": (
        "class Yes(int):\n    __eq__ = lambda *_: True\n\ndef add(a, b):\n    return Yes()"
    ),
    "a subclass of int": "class Three(int): pass\n\ndef add(a, b):\n    return Three(3) if False else Three(4)",
    "a true result where a number is due": "def add(a, b):\n    return True",
    "a patched expect": "import sessionlab.verdict\nsessionlab.verdict.expect = print\n\ndef add(a, b):\n    return 5",
    "a patched unittest": "import unittest\nunittest.TestCase.assertEqual = print\n\ndef add(a, b):\n    return 5",
    "a patched isinstance": "import builtins\nbuiltins.isinstance = lambda *_: True\n\ndef add(a, b):\n    return 5",
    "a frame of its own": (
        "import os\n\ndef add(a, b):\n"
        "    [os.write(n, b'\\0\\0\\0\\x0e{\"checked\": 1}') for n in range(1, 12)]"
    ),
}


@pytest.mark.parametrize("source", FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_does_not_pass(grade, source):
    """The verdict follows from what the judge saw, whatever the submission claims."""
    verdict = grade(GOOD, f"\n{source}\n")
    assert verdict.state == "failed"
    assert states(verdict)["adds"] in ("failed", "skipped")


def test_what_is_patched_in_one_check_is_whole_in_the_next(grade):
    """A submission that patches the library on a call fails that check alone."""
    patch = "from sqlalchemy.orm import Session\n    Session.close = None\n    import builtins; builtins.len = None"
    failed(grade(GOOD, f"\ndef add(a, b):\n    {patch}\n"), "adds")


def test_standard_streams_that_are_closed_are_open_in_the_next_check(grade):
    """A file that closes standard output as it is imported can be loaded again for the next check."""
    assert grade(GOOD + "\nimport os\nos.close(1)\n").state == "passed"


def test_what_logging_was_told_ends_with_its_check(grade):
    """Once the lines that showed each statement are gone from the file, so is what they showed."""
    shows = "import logging\nlogging.basicConfig()\nlogging.getLogger('sqlalchemy.engine').setLevel('INFO')\n"
    assert "SELECT 1" in grade(shows + GOOD).checks[-1].printed
    assert grade(GOOD).checks[-1].printed.strip() == ""


def test_a_filter_of_warnings_ends_with_its_check(grade):
    """A file that makes errors of warnings does not make errors of the next one's."""
    warns = GOOD.replace("return a + b", "import warnings; warnings.warn('old'); return a + b")
    assert grade("import warnings\nwarnings.simplefilter('error')\n" + warns).state == "failed"
    assert grade(warns).state == "passed"


def test_a_folder_that_is_removed_is_made_again(grade):
    """A submission that clears away the folder around its database fails no check after its own."""
    removes = "import os, shutil; shutil.rmtree(os.path.dirname(os.getcwd())); return a + b"
    assert grade(GOOD.replace("return a + b", removes)).state == "passed"
    assert grade(GOOD).state == "passed"


def test_a_listener_on_a_class_goes_with_its_check(grade):
    """What a submission listens to on the library's classes ends with the check."""
    listening = (
        "\nfrom sqlalchemy import Engine, event\n\n"
        "def add(a, b):\n    event.listen(Engine, 'begin', print)\n    return 3\n"
    )
    verdict = grade(GOOD, listening)
    assert verdict.state == "passed"
    assert "Connection" not in verdict.checks[-1].printed


def test_a_thread_that_never_ends_does_not_stay(grade, front):
    """A check whose thread lives on passes by its own claim, and the next one gets a fresh host."""
    thread = (
        "\nimport threading\n\n"
        "def add(a, b):\n    threading.Thread(target=threading.Event().wait).start()\n    return a + b\n"
    )
    assert grade(GOOD, thread).state == "passed"


def test_an_async_function_is_told(grade):
    """`async def` where a plain function is due is a mistake with a name."""
    check = failed(grade(GOOD, "\nasync def add(a, b):\n    return a + b\n"), "adds")
    assert check.mistake["code"] == "ASYNC_FUNCTION"


def test_a_plain_function_is_told_where_an_async_one_is_due(grade):
    """`def` where the contract asks to await is a mistake with a name."""
    check = failed(grade(GOOD, "\ndef later(a):\n    return a\n"), "waits")
    assert check.mistake["code"] == "SYNC_FUNCTION"


def test_input_meets_its_end(grade):
    """`input()` raises EOFError: there is nobody to ask."""
    assert "EOFError" in failed(grade(GOOD, "\ndef add(a, b):\n    return input()\n"), "adds").observed


def test_a_huge_result_is_told(grade):
    """A result that is too large to look at fails its check."""
    assert (
        "too large" in failed(grade(GOOD, "\ndef add(a, b):\n    return 'x' * 50_000_000\n"), "adds").observed
    )


@pytest.mark.parametrize("result", ["'x' * 1_000_000", "list(range(100_000))", "10 ** 4000"])
def test_of_a_long_result_a_part_is_shown(grade, result):
    """A result that would fill the screen is told by its beginning, or by both of its ends."""
    check = failed(grade(GOOD, f"\ndef add(a, b):\n    return {result}\n"), "adds")
    assert len(check.observed) < 500


def test_a_list_names_what_it_holds(grade):
    """What does not cross is shown inside a list by its repr, and not as the grader's own stand-in for it."""
    check = failed(grade(GOOD, "\ndef add(a, b):\n    return [{1}]\n"), "adds")
    assert check.observed == "add(1, 2) returned [{1}]"


def test_many_connections_that_are_out_are_counted(grade):
    """Of a great many connections that are out the first are named, so that the verdict can be read."""
    source = "\ndef borrow(engine):\n    while True:\n        engine.dispose()\n        engine.connect()\n"
    check = failed(grade(GOOD, source), "borrows")
    assert len(check.observed.splitlines()) < 20
    assert "more connections are out" in check.observed


def test_a_result_that_holds_itself_is_told(grade):
    """A value without end crosses as far as it can be shown."""
    assert failed(grade(GOOD, "\ndef add(a, b):\n    x = []; x.append(x); return x\n"), "adds").observed


def test_a_same_size_edit_is_seen(grade):
    """A second save of the same size within the same second is graded, not the first one again."""
    assert grade(GOOD.replace("a + b", "a - b")).state == "failed"
    assert grade(GOOD).state == "passed"


def test_a_read_only_file_is_graded(front, tmp_path):
    """A file that can't be written is graded as any other."""
    path = tmp_path / "exercise.py"
    path.write_text(GOOD)
    path.chmod(0o444)
    assert front.grade(SLUG, path).state == "passed"


def test_an_edit_while_a_check_runs_changes_nothing(front, tmp_path):
    """The verdict is on the content that was read when the run began."""
    path = tmp_path / "exercise.py"
    path.write_text(GOOD)
    verdict = front.grade(SLUG, path, progress=lambda check, state: path.write_text("broken("))
    assert verdict.state == "passed"


def test_two_checks_at_once_do_not_meet(course, tmp_path):
    """Two front ends that grade at the same time get their own verdicts."""
    sources = {"good.py": GOOD, "bad.py": GOOD.replace("a + b", "a - b")}
    got: dict[str, str] = {}

    def grading(name: str) -> None:
        path = tmp_path / name
        path.write_text(sources[name])
        with Front(course) as front:
            got[name] = front.grade(SLUG, path).state

    threads = [threading.Thread(target=grading, args=(name,)) for name in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {"good.py": "passed", "bad.py": "failed"}


def test_nothing_is_left_running(course, tmp_path):
    """After a run whose submission starts threads and processes, no process and no folder of it is left."""
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    path = tmp_path / "exercise.py"
    child = (
        "\nimport subprocess, sys\n\ndef add(a, b):\n"
        "    subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\n    return 3\n"
    )
    path.write_text(GOOD + child)
    with Front(course) as front:
        front.grade(SLUG, path)
        mine = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    gone, alive = psutil.wait_procs(mine, timeout=10)
    assert gone
    assert not alive


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_daemon_is_not_left_running(course, tmp_path):
    """A process that has left its parent and its session ends with its host, and its open pipes hold up nobody."""
    path, noted = tmp_path / "exercise.py", tmp_path / "pid"
    daemon = (
        "\nimport os, signal\n\ndef add(a, b):\n"
        "    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
        f"            open({str(noted)!r}, 'w').write(str(os.getpid()))\n            signal.pause()\n"
        f"        while not os.path.exists({str(noted)!r}): pass\n        os._exit(0)\n"
        "    os.wait()\n    return 3\n"
    )
    path.write_text(GOOD + daemon)
    with Front(course) as front:
        verdict = front.grade(SLUG, path)
    left = [process for process in psutil.process_iter() if process.pid == int(noted.read_text())]
    _, alive = psutil.wait_procs(left, timeout=5)
    for process in alive:
        process.kill()
    assert verdict.state == "passed"
    assert not alive


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_an_end_is_told_though_a_child_lives_on(grade):
    """A child that keeps the host's pipes open does not make the host's own end a loop without end."""
    body = "import os, signal\n    if os.fork() == 0: signal.pause()\n    os._exit(3)"
    check = failed(grade(GOOD, f"\ndef add(a, b):\n    {body}\n"), "adds")
    assert check.mistake["code"] == "ENDED"
    assert "exit code 3" in check.observed


@pytest.mark.parametrize("given", ["missing.py", "."])
def test_plain_pytest_names_a_file_that_is_not_there(course, given):
    """Plain pytest ends with 2, wrong use, and says which file it looked for, in the place of a traceback."""
    command = [sys.executable, "-m", "pytest", "-q", f"checks/test_{SLUG}.py", "--submission", given]
    run = subprocess.run(
        command, cwd=course, capture_output=True, text=True, env={**os.environ, "PYTEST_ADDOPTS": ""}
    )
    assert run.returncode == 2
    assert "there is no file" in run.stdout + run.stderr
    assert "hint:" in run.stdout + run.stderr
    assert "suite.py" not in run.stdout + run.stderr  # no frames of the course's own


def test_plain_pytest_tells_the_verdict(course, tmp_path):
    """Plain pytest on a suite grades, exits with 1, and prints what was observed and expected."""
    path = tmp_path / "exercise.py"
    path.write_text(GOOD.replace("a + b", "a + b + 1"))
    command = [sys.executable, "-m", "pytest", "-q", f"checks/test_{SLUG}.py", "--submission", str(path)]
    run = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert run.returncode == 1
    assert "add(1, 2) returned 4" in run.stdout
    assert "The sum is off." in run.stdout
