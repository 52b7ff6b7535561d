"""`sessionlab explain`: what one sees, pasted whole, gives the cause, the cure and the lesson."""

import subprocess

import pytest
from cli_course import command, environment, lay_course, sessionlab

SYMPTOMS = """
## Symptoms

### `QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00`
- cause: All connections are out.
- cure: Give them back.
"""
TO_COME = """# Symptoms

## 20 threads_and_pool

### `QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00`
- cause: Threads wait for each other.
- cure: Hold less.

### `(sqlite3.OperationalError) database is locked`
- cause: Somebody writes.
- cure: Commit.
"""
PASTED = """\
  File "pool/impl.py", line 166, in _do_get
    raise exc.TimeoutError(
sqlalchemy.exc.TimeoutError: QueuePool limit of size 10 overflow 0 reached, connection timed out, timeout 5.00 \
(Background on this error at: https://sqlalche.me/e/21/3o7r)
"""


@pytest.fixture
def course(tmp_path):
    course = lay_course(tmp_path / "course")
    page = course / "lessons" / "02_lending" / "README.md"
    page.write_text(page.read_text("utf-8") + SYMPTOMS, "utf-8")
    (course / "lessons" / "symptoms.md").write_text(TO_COME, "utf-8")
    return course


def test_a_pasted_traceback_gives_cause_cure_and_lesson(course):
    """Other numbers, a traceback around it and SQLAlchemy's link do not hide it; each lesson's cause is told."""
    done = sessionlab(course, "explain", PASTED)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cause   All connections are out." in done.stdout
    assert "cure    Give them back." in done.stdout
    assert "lesson  02 lending: lessons/02_lending/README.md" in done.stdout
    assert "cause   Threads wait for each other." in done.stdout
    assert "lesson  20 threads and pool, still to be written" in done.stdout
    assert "database is locked" not in done.stdout


def test_words_without_quotes_and_a_pipe_will_do(course):
    """The shell may take the text apart, and a log may come through a pipe."""
    apart = sessionlab(course, "explain", "sqlite3.OperationalError:", "database", "is", "locked")
    piped = subprocess.run(
        command("explain"),
        cwd=course,
        env=environment(),
        input=PASTED,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert apart.returncode == piped.returncode == 0
    assert "cure    Commit." in apart.stdout
    assert "cure    Give them back." in piped.stdout


def test_a_file_is_read(course):
    """Named in the place of a text, a log is what one wants to know about."""
    (course / "app.log").write_text(PASTED, "utf-8")
    done = sessionlab(course, "explain", "app.log")
    assert done.returncode == 0
    assert "cure    Give them back." in done.stdout


def test_an_unknown_text_names_the_nearest(course):
    """Exit code 1, the nearest text that the course knows, and what to paste."""
    done = sessionlab(course, "explain", "the database went away")
    assert done.returncode == 1
    assert "The course does not know this text." in done.stdout
    assert "(sqlite3.OperationalError) database is locked" in done.stdout
    assert "hint: paste the whole message" in done.stdout


@pytest.mark.parametrize("words", [(), ("",), ("-",)])
def test_nothing_to_explain_is_wrong_use(course, words):
    """Exit code 2, and how to give a text."""
    done = sessionlab(course, "explain", *words)
    assert done.returncode == 2
    assert "There is nothing to explain." in done.stderr
    assert "paste the text in quotes" in done.stderr
