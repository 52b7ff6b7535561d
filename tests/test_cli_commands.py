"""The map, hints, traces, solutions, resets, work folders elsewhere, JupyterLab: in processes of their own."""

import re
import shlex
import socket
import subprocess
import sys

import pytest
from cli_course import (
    ADDED,
    ADDING,
    ADDING_SOLUTION,
    BOTH_WRONG,
    LENDING,
    OFF_BY_ONE,
    command,
    environment,
    lay_course,
    sessionlab,
    write_exercise,
)
from terminal import Terminal

from sessionlab.cli.commands.trace import say_trace
from sessionlab.course.lesson import Lesson
from sessionlab.grader.verdict_document import Check, Verdict


@pytest.fixture
def course(tmp_path):
    return lay_course(tmp_path / "course")


# --- the map


def test_the_first_call_lays_the_work_folder_and_shows_the_way(course):
    """Page, notebook, file with its first TODO and the check: each command can be run as it is printed."""
    done = sessionlab(course)
    assert (done.returncode, done.stderr) == (0, "")
    assert (course / "work" / ADDING / "exercise.py").is_file()
    assert "0 of 2 lessons passed · 0 of 30 minutes" in done.stdout
    assert "lessons/01_adding/README.md" in done.stdout
    assert "opens work/01_adding/notebook.ipynb in JupyterLab" in done.stdout
    assert "the first TODO, line 3: add the two numbers" in done.stdout
    lines = done.stdout.splitlines()
    assert max(len(line) for line in lines if sys.executable not in line) <= 80  # a command is never folded
    shown = next(line for line in lines if line.startswith("  check"))
    code = subprocess.run(
        shlex.split(shown)[1:], cwd=course, env=environment(), capture_output=True
    ).returncode
    assert code == 1


def test_paths_and_commands_of_the_next_step_are_never_folded(tmp_path):
    """A folder's name may hold spaces, and what is broken at one of them can't be copied."""
    course = lay_course(tmp_path / ("a folder with spaces in its name " * 3).strip())
    sessionlab(course)
    inside = subprocess.run(
        command(), cwd=course / "lessons", env=environment(), capture_output=True, encoding="utf-8"
    )
    lines = inside.stdout.splitlines()
    assert f"          opens {course / 'work' / ADDING / 'notebook.ipynb'} in JupyterLab" in lines
    assert f"  write   {course / 'work' / ADDING / 'exercise.py'}" in lines


def test_the_map_tells_passed_from_not_passed_and_from_not_checked(checked):
    """An edit of what has passed makes it "not checked", and undoing the edit makes it "passed" again."""
    assert marks(checked) == ["✓ 01", "✗ 02"]
    path = write_exercise(checked, ADDED + "\n# an edit\n")
    assert marks(checked) == ["? 01", "✗ 02"]
    path.write_text(ADDED)
    assert marks(checked) == ["✓ 01", "✗ 02"]


def marks(course) -> list[str]:
    """Return each lesson's mark and number on the map."""
    return re.findall(r"^  (. \d\d)  ", sessionlab(course).stdout, re.MULTILINE)


def test_a_newer_starter_is_told_of_where_the_learner_has_changed_the_old_one(course):
    """What was not touched is brought up to date by itself."""
    sessionlab(course)
    write_exercise(course, OFF_BY_ONE)
    for slug in (ADDING, LENDING):
        starter = course / "lessons" / slug / "exercise.py"
        starter.write_text(starter.read_text() + "\n# a newer starter\n")
    done = sessionlab(course)
    assert re.search(r"The course has a newer work/01_adding/exercise.py", done.stdout)
    assert "reset 01" in done.stdout
    assert re.search(r"Brought up to date.*work/02_lending/exercise.py", done.stdout)
    assert (course / "work" / ADDING / "exercise.py").read_text() == OFF_BY_ONE


def test_an_output_of_ascii_gets_ascii(course):
    """A pipe that takes no other characters is no reason to fail."""
    done = sessionlab(course, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Part 1 - Raw sessions" in done.stdout


# --- hint


def test_hints_come_rung_by_rung_and_can_be_repeated(checked):
    """Each call shows the next one, the end of the ladder says so, and nothing is graded a second time."""
    write_exercise(checked, BOTH_WRONG)
    said = [sessionlab(checked, "hint", "01").stdout for _ in range(3)]
    assert "✗ adds" in said[0]
    assert "hint 1 of 2  What is a sum?" in said[0]
    assert "hint 2 of 2  Count on your fingers." in said[1]
    assert "That was the last of 2 hints for adds." in said[2]
    assert "solution 01 --give-up" in said[2]
    again = sessionlab(checked, "hint", "01", "--again").stdout
    assert again.index("What is a sum?") < again.index("Count on your fingers.")


def test_a_file_without_a_verdict_is_graded_before_a_hint_is_given(checked):
    """When the first check passes, the next one's ladder begins; when all pass, there is nothing to hint at."""
    write_exercise(checked, BOTH_WRONG.replace("a + b + 1", "a + b"))
    assert "hint 1 of 1  Twice as much." in sessionlab(checked, "hint").stdout
    write_exercise(checked, ADDED)
    done = sessionlab(checked, "hint", "01")
    assert done.returncode == 0
    assert "there is nothing to hint at" in done.stdout


# --- trace


def test_without_a_check_there_is_no_trace(course):
    """It is wrong use, and the hint says which command to run first."""
    done = sessionlab(course, "trace")
    assert (done.returncode, done.stdout) == (2, "")
    assert "check 01`" in done.stderr


def test_the_trace_of_the_last_check_is_drawn_in_lanes_or_as_mermaid(checked):
    """A leak stands out in the lanes; the Mermaid text is nothing but the diagram."""
    lanes = sessionlab(checked, "trace", "02")
    assert lanes.returncode == 0
    assert "✗ gives_back" in lanes.stdout
    assert "! still out: connection 1" in lanes.stdout
    assert max(map(len, lanes.stdout.split("Other checks")[0].splitlines()[1:])) <= 80
    mermaid = sessionlab(checked, "trace", "2", "--mermaid")
    assert "sequenceDiagram" in mermaid.stdout.splitlines()[:2]
    unknown = sessionlab(checked, "trace", "02", "--check", "gives_bak")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "did you mean `gives_back`?" in unknown.stderr


def test_an_interleaving_is_drawn_in_columns_above_the_lanes(course, capsys):
    """The trace is of the submission alone; the steps show who came between."""
    event = {
        "n": 1,
        "kind": "session opened",
        "request": None,
        "session": 1,
        "connection": None,
        "engine": None,
    }
    steps = [{"actor": "yours", "text": "SELECT"}, {"actor": "the other", "text": "UPDATE", "blocked": True}]
    check = Check("adds", "add returns the sum", "failed", trace=[event], steps=steps)
    verdict = Verdict(ADDING, "exercise.py", ["load", "adds"], [check])
    say_trace(Lesson(course, ADDING), verdict)
    shown = capsys.readouterr().out
    assert shown.index("the other") < shown.index("waits") < shown.index("session opened")


# --- solution


def test_a_solution_opens_when_the_lesson_passes_or_is_given_up(checked):
    """Before, it is exit code 1 and nothing of it; piped, it is the file byte for byte."""
    opened = sessionlab(checked, "solution", "adding")
    assert (opened.returncode, opened.stdout) == (0, ADDING_SOLUTION)
    write_exercise(checked, OFF_BY_ONE)
    closed = sessionlab(checked, "solution", "01")
    assert (closed.returncode, closed.stdout) == (1, "")
    assert "--give-up" in closed.stderr
    given_up = sessionlab(checked, "solution", "01", "--give-up")
    assert (given_up.returncode, given_up.stdout) == (0, ADDING_SOLUTION)


def test_a_terminal_sees_the_solution_highlighted(course):
    """The words are the same, with colours between them."""
    terminal = Terminal(command("solution", "01", "--give-up"), course, environment())
    assert terminal.ended() == 0
    assert "return a + b" in terminal.text
    assert "\x1b[" in terminal.raw
    assert terminal.close() == []


# --- reset, init


def test_a_terminal_folds_no_line_of_the_solution(course):
    """The other half of a comment that is folded would be copied as code."""
    comment = "# it is a plus b, " + "and b plus a, " * 8
    path = course / "solutions" / "01_adding.py"
    path.write_text(path.read_text("utf-8").replace("return a + b", f"return a + b  {comment}"), "utf-8")
    terminal = Terminal(command("solution", "01", "--give-up"), course, environment())
    assert terminal.ended() == 0
    assert comment.rstrip() in terminal.text
    assert terminal.close() == []


def test_a_reset_keeps_what_it_replaces_and_says_where(course):
    """The backup holds the learner's file; a second reset has nothing to keep."""
    sessionlab(course)
    path = write_exercise(course, OFF_BY_ONE)
    done = sessionlab(course, "reset", "01")
    assert done.returncode == 0
    kept = course / done.stdout.splitlines()[-1].strip()
    assert kept.read_text() == OFF_BY_ONE
    assert path.read_bytes() == (course / "lessons" / ADDING / "exercise.py").read_bytes()
    assert "kept" not in sessionlab(course, "reset", "01").stdout


def test_a_work_folder_elsewhere_finds_its_course(course, tmp_path):
    """The commands that `init` prints are run as they are, from any folder."""
    done = sessionlab(course, "init", str(tmp_path / "my work"))
    assert done.returncode == 0
    lines = " && ".join(line.strip() for line in done.stdout.splitlines() if line.startswith("  "))
    there = subprocess.run(
        lines, shell=True, cwd=tmp_path, env=environment(), capture_output=True, encoding="utf-8", check=True
    )
    assert "0 of 2 lessons passed" in there.stdout
    assert "01_adding/exercise.py" in there.stdout
    assert not (course / "work").exists()


@pytest.mark.parametrize(
    "arguments", [["reset"], ["solution"], ["init"], ["init", "lessons"], ["hnit"], ["trace", "99"]]
)
def test_wrong_use_of_any_command_ends_with_2(course, arguments):
    """A missing argument, a folder among the course's own, a command or a lesson that is none."""
    done = sessionlab(course, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


# --- lab


def test_lab_serves_the_lessons_notebook_until_it_is_ended(course):
    """JupyterLab of this environment, at the notebook in the work folder, in the foreground; Ctrl-C is its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    terminal = Terminal(command("lab", "02", "--no-browser", "--port", str(port)), course, environment())
    terminal.wait_for("Opening work/02_lending/notebook.ipynb")
    terminal.wait_for(f":{port}/lab/tree/02_lending/notebook.ipynb")
    terminal.press("\x03")
    terminal.wait_for("(y/[n])?")
    terminal.press("y\n")
    assert terminal.ended() == 0
    assert terminal.living() == []
    assert terminal.close() == []


def test_lab_says_so_where_there_is_no_notebook(course):
    """The page is named instead."""
    (course / "notebooks" / "01_adding.ipynb").unlink()
    done = sessionlab(course, "lab", "01", "--no-browser")
    assert done.returncode == 2
    assert "lessons/01_adding/README.md" in done.stderr


# --- how a command ends


def test_an_error_of_our_own_ends_with_3_and_no_traceback_unless_asked_for(course):
    """The text says that it is ours, where it happened, and where to report it."""
    broken = "import sys\nfrom sessionlab.cli.commands import map\nfrom sessionlab.__main__ import main\n"
    broken += "def lay(*_): raise ZeroDivisionError('no such luck')\n"
    broken += "map.lay = lay\nsys.argv = ['sessionlab']\nsys.exit(main())\n"
    for debug in ("", "1"):
        done = subprocess.run(
            [sys.executable, "-c", broken],
            cwd=course,
            env=environment(SESSIONLAB_DEBUG=debug),
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 3
        assert "ZeroDivisionError: no such luck (<string>:4 in lay)" in done.stderr
        assert "please report it" in done.stderr
        assert ("Traceback" in done.stderr) is bool(debug)


def test_a_reader_that_goes_away_early_is_no_error_of_ours(course):
    """`sessionlab | head -1` shows one line and no complaint."""
    line = f"{shlex.join(command())} | head -1"
    done = subprocess.run(
        line, shell=True, cwd=course, env=environment(), capture_output=True, encoding="utf-8"
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
