"""`sessionlab check`: what a learner reads, what a program reads, and the exit codes."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from cli_course import (
    ADDED,
    ADDING,
    BOTH_WRONG,
    KEPT,
    LENDING,
    LENT,
    WAITING,
    command,
    environment,
    lay_course,
    sessionlab,
    write_exercise,
)
from terminal import Terminal

from sessionlab.cli.report import say_verdict
from sessionlab.course.lesson import Lesson
from sessionlab.grader.verdict_document import Check, Verdict

STYLE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def course(tmp_path):
    return lay_course(tmp_path / "course")


def test_a_lesson_that_passes_ends_with_0_and_says_what_comes_next(course):
    """The page of lesson 02 is named, and the commands for it."""
    write_exercise(course, ADDED)
    passed = sessionlab(course, "check", "01")
    assert (passed.returncode, passed.stderr) == (0, "")
    assert "passed: all 3 checks" in passed.stdout
    assert "Next: 02 · Lending (20 minutes)" in passed.stdout
    assert "lessons/02_lending/README.md" in passed.stdout


def test_the_first_failure_is_told_whole_and_the_others_in_a_line(course):
    """What was observed and expected, the mistake, where to read, and the commands that help; exit code 1."""
    write_exercise(course, BOTH_WRONG)
    done = sessionlab(course, "check", "adding")
    assert (done.returncode, done.stderr) == (1, "")
    assert "observed  add(1, 2) returned 4" in done.stdout
    assert "expected  3" in done.stdout
    assert "mistake   The sum is one too large." in done.stdout
    assert "README, “Sums”" in done.stdout
    assert "✗ doubles" in done.stdout
    assert "double(4) returned 12" not in done.stdout
    assert "not passed: 1 of 3 checks passed, 2 failed" in done.stdout
    assert "-m sessionlab hint 01" in done.stdout
    assert re.search(
        r"^work/01_adding/exercise.py, saved (just now|\d+ seconds? ago)$", done.stdout, re.MULTILINE
    )


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_verdict_that_nobody_reads_is_kept_and_ends_as_any_other(course, options):
    """With its output closed, as by `head`, the exit code is the verdict's, and the lesson has passed."""
    write_exercise(course, ADDED)
    process = subprocess.Popen(
        command("check", "01", *options),
        cwd=course,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert (process.stderr.read(), process.wait(60)) == (b"", 0)
    process.stderr.close()
    assert "✓ 01" in sessionlab(course).stdout


def test_a_name_that_no_file_can_have_is_wrong_use(course):
    """The system's own words are told, and sessionlab is not broken by it."""
    done = sessionlab(course, "check", "01", "--submission", "x" * 300)
    assert done.returncode == 2
    assert "can't be read" in done.stderr
    assert "hint:" in done.stderr


@pytest.mark.parametrize("deadline", ["soon", "0", "-1", "nan"])
def test_a_deadline_that_is_none_is_wrong_use(course, deadline):
    """No call can be done within such a time: the variable is named, and the learner's code is not judged."""
    write_exercise(course, ADDED)
    done = sessionlab(course, "check", "01", SESSIONLAB_DEADLINE=deadline)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"SESSIONLAB_DEADLINE is '{deadline}'" in done.stderr
    assert "hint:" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("PYTHONOPTIMIZE", "2"), ("PYTEST_PLUGINS", "nowhere_to_be_found")]
)
def test_what_a_shell_sets_for_other_programs_has_no_say(course, name, value):
    """Python without docstrings and asserts, or pytest with somebody's plugins, is not what grades."""
    write_exercise(course, ADDED)
    done = sessionlab(course, "check", "01", **{name: value})
    assert done.returncode == 0
    assert "load · Python can load the submission" in done.stdout


def test_an_unchanged_file_is_told_as_such_and_verbose_shows_every_failure(course):
    """Checked a second time as it is, the editor is suspected of not having saved."""
    write_exercise(course, BOTH_WRONG)
    first = sessionlab(course, "check", "1")
    second = sessionlab(course, "check", "work/01_adding/exercise.py", "--verbose")
    said = ["It has not changed since the last check" in done.stdout for done in (first, second)]
    assert said == [False, True]
    assert "observed  double(4) returned 12" in second.stdout


def test_without_a_name_it_is_the_next_lesson_and_without_a_terminal_plain_text_of_80_columns(checked):
    """01 has passed, so 02 is graded: its trace is not wider than 80 columns, with no escape sequence in it."""
    done = sessionlab(checked, "check")
    assert done.returncode == 1
    assert done.stdout.startswith("work/02_lending/exercise.py, saved ")
    assert "what your code did:" in done.stdout
    assert "still out" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert max(map(len, done.stdout.split("not passed:")[0].splitlines())) <= 80


def test_a_terminal_sees_progress_and_styles(course):
    """While the check runs, a line on the terminal says how far it is."""
    path = write_exercise(course, WAITING)
    terminal = Terminal(command("check", "01"), course, environment())
    terminal.wait_for("1 checks judged")
    (path.parent / "go").touch()
    assert terminal.ended() == 0
    assert STYLE.search(terminal.raw)
    terminal.close()


def test_with_no_color_a_terminal_sees_no_styles(course):
    """NO_COLOR takes bold and dim away as well."""
    terminal = Terminal(command(), course, environment(NO_COLOR="1"))
    assert terminal.ended() == 0
    assert "Part 1 · Raw sessions" in terminal.text
    assert not STYLE.search(terminal.raw)
    terminal.close()


def test_what_is_not_started_is_not_graded_unless_it_is_named(course):
    """Without a name the first TODO is told, with its line; with one the starter is graded like any file."""
    told = sessionlab(course, "check")
    assert told.returncode == 1
    assert "01_adding is not started" in told.stdout
    assert "TODO, line 3: add the two numbers" in told.stdout
    assert "checks passed" not in told.stdout
    graded = sessionlab(course, "check", "01")
    assert graded.returncode == 1
    assert "this part is not written yet: TODO add the two numbers" in graded.stdout


def test_json_is_one_document_with_all_of_a_verdict(course):
    """Ids, titles, states and trace stand in it; nothing else is written, and the exit code is the same."""
    write_exercise(course, KEPT, LENDING)
    done = sessionlab(course, "check", "02", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    document = json.loads(done.stdout)
    assert (document["schema"], document["state"], document["not_started"]) == (1, "failed", [])
    (verdict,) = document["verdicts"]
    load, check = verdict["checks"]
    assert (load["id"], load["state"]) == ("load", "passed")
    assert (check["id"], check["title"]) == ("gives_back", "borrow uses a connection and gives it back")
    assert check["observed"] == "a connection is still out"
    assert check["seconds"] > 0
    assert "checked out" in [event["kind"] for event in check["trace"]]


def test_all_grades_what_is_started_and_names_the_rest(course):
    """What is not started keeps the exit code at 1; once every lesson passes it is 0."""
    write_exercise(course, ADDED)
    done = sessionlab(course, "check", "--all", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert [verdict["lesson"] for verdict in document["verdicts"]] == [ADDING]
    assert document["state"] == "not started"
    todo = "borrow a connection, and give it back"
    assert document["not_started"] == [{"lesson": LENDING, "todo": todo}]
    write_exercise(course, LENT, LENDING)
    told = sessionlab(course, "check", "--all")
    assert told.returncode == 0
    assert "✓ 01_adding: passed: all 3 checks" in told.stdout
    assert "2 of 2 lessons passed" in told.stdout


def test_a_lesson_whose_database_is_not_to_be_had_is_told_and_the_others_are_graded(course):
    """It is neither passed nor failed; the text says what to do, and the exit code is 1. Alone it is wrong use."""
    page = course / "lessons" / LENDING / "README.md"
    page.write_text(page.read_text().replace("database: sqlite", "database: postgresql"))
    write_exercise(course, ADDED)
    write_exercise(course, LENT, LENDING)
    none = {"SESSIONLAB_POSTGRES_URL": "mysql://root@localhost/"}
    every = sessionlab(course, "check", "--all", **none)
    assert every.returncode == 1
    assert "✓ 01_adding: passed" in every.stdout
    assert "? 02_lending: not checked; SESSIONLAB_POSTGRES_URL is not the URL" in every.stdout
    alone = sessionlab(course, "check", "02", **none)
    assert (alone.returncode, alone.stdout) == (2, "")
    assert "hint: write it like postgresql://" in alone.stderr


def test_another_file_is_graded_and_is_no_progress(course):
    """A file of the course says by its path which lesson it is for; the learner stays where they were."""
    done = sessionlab(course, "check", "--submission", "solutions/02_lending.py")
    assert done.returncode == 0
    assert "solutions/02_lending.py, saved" in done.stdout
    assert "gives_back" in done.stdout
    assert "0 of 2 lessons passed" in sessionlab(course).stdout


def test_a_file_that_is_not_utf_8_gets_a_verdict(course):
    """Python's own complaint is the load check's observation; the other checks are told in one line."""
    write_exercise(course, b'NAME = "caf\xe9"\n').chmod(0o444)
    done = sessionlab(course, "check", "01")
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ load" in done.stdout
    assert "not judged" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lendnig"], "hint: did you mean 02_lending?"),
        (["01", "--submission", "nowhere.py"], "There is no file nowhere.py to grade."),
        (["--all", "01"], "`--all` grades every lesson."),
        (["01", "--on", "oracle"], "01_adding does not run on 'oracle': it runs on sqlite."),
        (["--frobnicate"], "No such option"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_to_do(course, arguments, said):
    """The text is on standard error alone, with no traceback."""
    done = sessionlab(course, "check", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_deleted_exercise_is_wrong_use_and_the_hint_brings_it_back(course):
    """The command in the hint is run as it is printed."""
    sessionlab(course)
    path = course / "work" / ADDING / "exercise.py"
    path.unlink()
    done = sessionlab(course, "check", "01")
    assert done.returncode == 2
    fix = re.search(r"`([^`]*reset 01)`", done.stderr)
    assert fix is not None
    subprocess.run(fix[1], shell=True, cwd=course, env=environment(), check=True, capture_output=True)
    assert path.is_file()


def test_outside_of_any_course_it_is_wrong_use(tmp_path):
    """The text says where was looked."""
    done = sessionlab(tmp_path, "check", "01")
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path) in done.stderr


def test_a_suite_that_asserts_is_broken_and_never_the_learners_fault(course):
    """A failed assert of the suite ends with 3, though every other check has passed."""
    suite = course / "checks" / "test_01_adding.py"
    suite.write_text(
        suite.read_text() + '\n\ndef test_broken(host):\n    """It asserts."""\n    assert host is None\n'
    )
    write_exercise(course, ADDED)
    done = sessionlab(course, "check", "01")
    assert done.returncode == 3
    assert "! broken" in done.stdout
    assert "the grader is at fault here, not your code" in done.stdout
    assert "please report it" in done.stderr


def test_a_suite_that_can_not_be_collected_is_broken(course):
    """The text is the suite's own error; the exit code is 3."""
    (course / "checks" / "test_01_adding.py").write_text("import nothing_of_this_name\n")
    write_exercise(course, ADDED)
    told = sessionlab(course, "check", "01")
    assert told.returncode == 3
    assert "nothing_of_this_name" in told.stderr
    assert "your code is not at fault" in told.stderr


def test_ctrl_c_ends_with_130_and_leaves_nothing_behind(course):
    """In the middle of an endless loop of the learner's, judge and host end as well."""
    write_exercise(course, WAITING)
    terminal = Terminal(command("check", "01"), course, environment())
    terminal.wait_for("load passed")
    terminal.press("\x03")
    assert len(terminal.family) >= 2
    assert terminal.ended() == 130
    assert terminal.living() == []
    assert "Traceback" not in terminal.text
    terminal.close()


def test_a_judge_that_is_killed_ends_the_check_with_3(course):
    """The text says which signal it was and how far the check had come, and the host ends by itself."""
    write_exercise(course, WAITING)
    terminal = Terminal(command("check", "01"), course, environment())
    terminal.wait_for("load passed")
    terminal.look()
    next(one for one in terminal.family if "sessionlab.grader.judge" in one.cmdline()).kill()
    assert terminal.ended() == 3
    assert "SIGKILL ended the judge after it had judged `load`" in terminal.text
    assert "not at fault" not in terminal.text  # nobody knows
    assert terminal.close() == []


def test_a_long_interleaving_is_cut_at_its_end_alone(capsys):
    """Lines that come again later stay where they come first."""
    steps = [{"actor": "T1", "text": "UPDATE", "saw": "1 row", "blocked": False}] * 40
    check = Check("together", "Together", "failed", "money is lost", "none is", steps=steps)
    verdict = Verdict("14_lost_update", "exercise.py", ["load", "together"], [check])
    say_verdict(Lesson(Path(), "14_lost_update"), verdict)
    printed = capsys.readouterr().out
    assert "more lines" in printed
    drawn = [line.split()[-1] for line in printed.splitlines() if "UPDATE" in line or "→ 1 row" in line]
    assert drawn[:6] == ["UPDATE", "row"] * 3
