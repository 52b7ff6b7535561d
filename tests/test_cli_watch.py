"""`sessionlab watch`: saves of every kind, keys, lessons that pass, and an end that leaves nothing behind."""

import os
import signal
import subprocess

import psutil
import pytest
from cli_course import (
    ADDED,
    ADDING,
    BOTH_WRONG,
    LENDING,
    OFF_BY_ONE,
    WAITING,
    command,
    environment,
    lay_course,
    sessionlab,
    write_exercise,
)
from terminal import Terminal

KEYS = "h hint · t trace · n next lesson · q quit"


@pytest.fixture
def course(tmp_path):
    return lay_course(tmp_path / "course")


@pytest.fixture
def watch(course):
    """Start `sessionlab watch` in a terminal; at the end it is killed, and whatever it had started ends by itself."""
    terminals = []

    def start(*arguments, course=course):
        terminals.append(Terminal(command("watch", *arguments), course, environment()))
        return terminals[-1]

    yield start
    for terminal in terminals:
        assert terminal.close() == []


def test_each_save_gets_a_verdict_and_a_lesson_that_passes_makes_way_for_the_next(course, watch):
    """From the starter to a mistake, to a pass, to the next lesson, until every lesson has passed: exit code 0."""
    path = write_exercise(course, OFF_BY_ONE)
    terminal = watch()
    assert "observed  add(1, 2) returned 4" in terminal.wait_for("not passed:")
    path.write_text(ADDED)
    shown = terminal.wait_for("Next: 02 · Lending")
    assert "passed: all 3 checks" in shown
    assert "It has not changed" not in shown
    terminal.wait_for("Watching work/02_lending/exercise.py")
    (course / "work" / LENDING / "exercise.py").write_bytes((course / "solutions/02_lending.py").read_bytes())
    terminal.wait_for("You have passed every lesson.")
    terminal.look()
    assert terminal.ended() == 0


def test_an_edit_during_a_check_gets_its_own_verdict_and_the_old_version_none(course, watch):
    """The first version never comes back; the verdict that is shown is on the second."""
    path = write_exercise(course, WAITING)
    terminal = watch("01")
    terminal.wait_for(KEYS)
    path.write_text(BOTH_WRONG)
    shown = terminal.wait_for("not passed:")
    assert "observed  add(1, 2) returned 4" in shown
    assert "did not come back" not in shown


def test_a_save_of_any_kind_is_seen(course, watch):
    """The same size in the same place, another file renamed into its place, emptied first, deleted and back."""
    path = write_exercise(course, OFF_BY_ONE)
    terminal = watch("01")
    terminal.wait_for("add(1, 2) returned 4")
    terminal.wait_for(KEYS)
    path.write_text(OFF_BY_ONE.replace("+ 1", "+ 2"))
    terminal.wait_for("add(1, 2) returned 5")
    draft = path.with_name("draft")
    draft.write_text(OFF_BY_ONE.replace("+ 1", "+ 3"))
    os.replace(draft, path)
    terminal.wait_for("add(1, 2) returned 6")
    with path.open("w") as file:
        file.flush()
        file.write(OFF_BY_ONE.replace("+ 1", "+ 4"))
    terminal.wait_for("add(1, 2) returned 7")
    path.unlink()
    terminal.wait_for("is gone")
    write_exercise(course, OFF_BY_ONE)
    terminal.wait_for("add(1, 2) returned 4")


def test_keys_give_hints_traces_and_the_next_lesson(checked, watch):
    """h climbs the ladder to its end, t draws the trace, n goes on, and q ends with 0 and restored modes."""
    terminal = watch("2", course=checked)
    terminal.wait_for("not passed:")
    terminal.wait_for(KEYS)
    terminal.press("h")
    terminal.wait_for("hint 1 of 1  Who closes the connection?")
    terminal.press("h")
    terminal.wait_for("That was the last")
    terminal.press("t")
    terminal.wait_for("! still out: connection 1, checked out at exercise.py:5 in borrow")
    terminal.press("n")
    terminal.wait_for("02_lending is the only lesson that has not passed.")
    terminal.press("q")
    assert terminal.ended() == 0


def test_the_terminal_gets_its_modes_back_and_ctrl_c_ends_with_130(course, watch):
    """In the middle of a check: no process lives on, and typing is shown again."""
    write_exercise(course, WAITING)
    terminal = watch("01")
    before = terminal.modes()
    terminal.wait_for(KEYS)
    during = terminal.modes()
    terminal.press("\x03")
    assert terminal.ended() == 130
    assert len(terminal.family) >= 1
    assert terminal.living() == []
    assert during != before
    assert terminal.modes() == before


def test_a_judge_that_dies_is_replaced(course, watch):
    """Killed while it is idle, it is told of, and the next save gets its verdict."""
    path = write_exercise(course, OFF_BY_ONE)
    terminal = watch("01")
    terminal.wait_for("not passed:")
    terminal.wait_for(KEYS)
    terminal.look()
    judge = next(one for one in terminal.family if "sessionlab.grader.judge" in one.cmdline())
    judge.kill()
    terminal.wait_for("The judge has ended; another one is starting.")
    path.write_text(BOTH_WRONG)
    terminal.wait_for("2 failed")


def test_without_a_terminal_saves_are_graded_until_the_input_ends(course):
    """A pipe's end ends it with 0; SIGTERM ends it as well, and leaves nothing behind."""
    path = write_exercise(course, OFF_BY_ONE)
    for end in (_close_input, _terminate):
        process = subprocess.Popen(
            command("watch", "01"),
            cwd=course,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        lines = iter(process.stdout.readline, "")
        assert any(line.startswith("not passed:") for line in lines)
        path.write_text(BOTH_WRONG)
        assert any("2 failed" in line for line in lines)
        family = psutil.Process(process.pid).children(recursive=True)
        assert end(process)
        assert "Traceback" not in process.stdout.read()
        assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        path.write_text(OFF_BY_ONE)


def _close_input(process: subprocess.Popen) -> bool:
    process.stdin.close()
    return process.wait(30) == 0


def _terminate(process: subprocess.Popen) -> bool:
    process.send_signal(signal.SIGTERM)
    return process.wait(30) == 128 + signal.SIGTERM


def test_a_file_that_is_not_there_is_wrong_use(course):
    """Before anything is watched: exit code 2, and how to get the file back."""
    sessionlab(course)
    (course / "work" / ADDING / "exercise.py").unlink()
    done = sessionlab(course, "watch", "01")
    assert (done.returncode, done.stdout) == (2, "")
    assert "reset 01" in done.stderr
