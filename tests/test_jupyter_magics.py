"""The magics in a real kernel, on a small course."""

from pathlib import Path

import psutil
import pytest
import small_course
from kernel_cells import Output, run_cells

from sessionlab.course import progress
from sessionlab.course.lesson import find_lesson
from sessionlab.course.work import submission

OWN = 'import os\nos.environ.pop("SESSIONLAB_SUBMISSION")\n%load_ext sessionlab'
JUDGES = """\
import psutil
print(*[p.pid for p in psutil.Process().children() if "sessionlab.grader.judge" in p.cmdline()])"""
INTERRUPTED = """\
from sessionlab.jupyter.display import Watching
told = Watching.__call__
def interrupt(*_): raise KeyboardInterrupt
Watching.__call__ = interrupt
%check 01"""
WRONG = small_course.GOOD.replace("a + b", "a + b + 1")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one lesson, whose work folder has not been laid."""
    return small_course.lay(tmp_path_factory.mktemp("course"))


def save(source: str) -> str:
    """Return a cell that saves the learner's file, and counts as a learner who does."""
    return f'from pathlib import Path\nPath("work/{small_course.SLUG}/exercise.py").write_text({source!r})'


@pytest.fixture(scope="module")
def learner(course: Path) -> dict[str, Output]:
    """What a learner sees who starts, errs, asks for help and passes, all in one kernel."""
    return run_cells(
        course,
        course / "none.py",
        course,
        own=OWN,
        starter="%check 01",
        save_wrong=save(WRONG),
        wrong="%check 01",
        again="%check small",
        hint="%hint 01",
        hint_again="%hint 01",
        trace="%trace 01",
        interrupted=INTERRUPTED,
        judges_between=JUDGES,
        after_interrupt="Watching.__call__ = told\n%check 01",
        save_right=save(small_course.GOOD),
        passed="%check 01",
        nothing_to_hint="%hint 01",
        trace_of="%trace 01 --check borrows",
        here=f"%cd -q work/{small_course.SLUG}\n%check",
        judges=JUDGES,
        modules='import sys\nprint([n for n in ("pytest", "exercise", "test_01_small") if n in sys.modules])',
    )


@pytest.fixture(scope="module")
def refused(course: Path) -> dict[str, Output]:
    """What is shown for wrong use of every kind, with a file of one's own named by the environment."""
    solution = course / "solution.py"
    solution.write_text(small_course.GOOD)
    cells = {
        "unknown": "%check 02",
        "misspelt": "%check smal_l",
        "nowhere": "%check",
        "two": "%check 01 02",
        "option": "%trace 01 --chek adds",
        "quote": '%hint "01',
        "database": "%check 01 --on mysql",
        "other_check": "%trace 01 --check add",
        "no_trace": "%trace 01 --check load",
        "named": "%check 01",
        "no_file": "import os\nos.environ['SESSIONLAB_SUBMISSION'] = 'gone.py'\n%check 01",
    }
    return run_cells(course, solution, course, load="%load_ext sessionlab", **cells)


def test_check_lays_the_work_folder_and_stops_at_the_starter(learner):
    """Somebody who has no copy yet gets one, and reads what to write first."""
    assert learner["starter"].error == "NotPassed"
    assert "look at adds first" in learner["starter"].text
    assert "TODO add" in learner["starter"].text


def test_a_failed_check_shows_the_verdict_and_the_likely_mistake(learner):
    """Observed, expected, mistake and section stand there, in HTML and in text."""
    for shown in (learner["wrong"].text, learner["wrong"].html):
        for part in ("observed", "expected", "The sum is off.", "Sums", "✗ adds", "✓ doubles"):
            assert part in shown


def test_not_passed_is_one_line(learner):
    """The verdict has said it all: no traceback follows, and no line of the course's own code."""
    assert learner["wrong"].traceback == [
        "NotPassed: 01_small: 4 of 5 checks passed; look at adds first; %hint 01 helps"
    ]


def test_a_file_that_did_not_change_is_told_of(learner):
    """An editor may not have saved: the second check of the same source says so, and the first does not."""
    assert "It has not changed" in learner["again"].text
    assert "It has not changed" not in learner["wrong"].text + learner["passed"].text


def test_hint_climbs_and_ends_with_all_of_them(learner):
    """The first hint is numbered; past the last one, all are shown again."""
    assert learner["hint"].text.strip() == "adds, hint 1 of 1: What is a sum?"
    assert "these are all 1 hints" in learner["hint_again"].text
    assert "nothing to hint at" in learner["nothing_to_hint"].text


def test_trace_is_a_diagram_and_lanes(learner):
    """JupyterLab draws the diagram; whoever can't gets lanes of text."""
    assert "text/vnd.mermaid" in learner["trace_of"].mimes
    assert "SELECT 1" in learner["trace_of"].text
    assert "borrows" in learner["trace_of"].text


def test_a_pass_raises_nothing_and_counts_as_progress(learner, course):
    """What the notebook passes, the command line's map shows as passed."""
    assert learner["passed"].error == ""
    assert "passed, all 5 checks" in learner["passed"].text
    lesson = find_lesson(course, "01")
    assert submission(lesson, course / "work").read_text() == small_course.GOOD
    assert progress.state(lesson, course / "work") == progress.PASSED


def test_without_a_name_it_is_the_lesson_of_the_folder(learner):
    """A notebook lies in its lesson's folder, so `%check` alone will do."""
    assert "01_small: passed" in learner["here"].text


def test_an_interrupt_ends_the_judge_and_the_next_check_has_a_new_one(learner):
    """Half of a verdict in the pipe never shows up as the beginning of the next."""
    assert learner["interrupted"].traceback == ["stopped before there was a verdict"]
    assert learner["judges_between"].text.split() == []
    assert learner["after_interrupt"].error == "NotPassed"


def test_one_judge_serves_the_kernel_and_ends_with_it(learner):
    """After a dozen magics one judge is running; after the kernel it is gone."""
    judges = [int(pid) for pid in learner["judges"].text.split()]
    assert len(judges) == 1
    left = [psutil.Process(pid) for pid in judges if psutil.pid_exists(pid)]
    assert psutil.wait_procs(left, timeout=10)[1] == []


def test_the_kernel_imports_neither_suite_nor_submission(learner):
    """What a submission does to its process can't reach the notebook."""
    assert learner["modules"].text.strip() == "[]"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("unknown", "There is no lesson '02'"),
        ("misspelt", "did you mean 01_small?"),
        ("nowhere", "name one by its number, as in `%check 07`"),
        ("two", "unrecognized arguments: 02"),
        ("option", "--check ID"),
        ("quote", "a quotation mark is not closed"),
        ("database", "it runs on sqlite"),
        ("other_check", "did you mean `adds`?"),
        ("no_trace", "load left no trace"),
        ("no_file", "let SESSIONLAB_SUBMISSION name a file"),
    ],
)
def test_wrong_use_says_what_to_do_without_a_traceback(refused, cell, said):
    """The fact, a blank line, the hint: and nothing of the course's own code."""
    lines = refused[cell].traceback
    assert said in "\n".join(lines)
    assert lines[1] == ""
    assert lines[2].startswith("hint: ")


def test_a_named_submission_is_graded_and_leaves_the_progress_alone(refused, course, learner):
    """SESSIONLAB_SUBMISSION is for trying out a file; the learner's own last check stays what it was."""
    assert "solution.py" in refused["named"].text
    assert "passed, all 5 checks" in refused["named"].text
    kept = (course / "work" / ".sessionlab" / "last" / "01_small.json").read_text()
    assert "exercise.py" in kept
    assert "solution.py" not in kept
