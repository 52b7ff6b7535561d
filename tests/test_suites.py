"""What a suite does wrong is never taken for the learner's fault, and never passes a lesson."""

import pytest
from small_course import GOOD, SLUG, lay

from sessionlab.grader.front_end import Front, JudgeBroken
from sessionlab.grader.verdict_document import Check, Verdict, expect

HEAD = "from sessionlab.verdict import Mistake, expect, needs\n"


@pytest.fixture
def grade(tmp_path):
    """Grade the good submission by a suite of this source."""
    course = lay(tmp_path / "course")
    submission = tmp_path / "exercise.py"
    submission.write_text(GOOD)

    def grading(suite: str) -> Verdict:
        (course / "checks" / f"test_{SLUG}.py").write_text(HEAD + suite)
        with Front(course) as front:
            return front.grade(SLUG, submission)

    return grading


@pytest.mark.parametrize(
    "body",
    [
        "assert host.call('add', 1, 2).value == 4",
        "raise KeyError('x')",
        "import pytest; pytest.skip('later')",
        "import pytest; pytest.xfail('later')",
        "expect(1, observed='', expected='')",
        "expect(False, observed='', expected='', mistake='NOBODY')",
    ],
)
def test_a_fault_of_the_suite_is_broken(grade, body):
    """A failed assert, an exception, a skip or an unknown mistake code of a suite is the grader's fault."""
    verdict = grade(f"def test_one(host):\n    '''One.'''\n    {body}\n")
    assert verdict.state == "broken"
    assert verdict.checks[1].state == "broken"


def test_a_check_that_builds_on_a_failed_one_is_skipped(grade):
    """A skipped check names the check that it needs, and the lesson is not passed."""
    verdict = grade(
        "def test_one(host):\n    expect(False, observed='a', expected='b')\n\n"
        "@needs('one')\ndef test_two(host):\n    expect(True, observed='a', expected='b')\n"
    )
    assert [(check.state, check.because) for check in verdict.checks[1:]] == [
        ("failed", ""),
        ("skipped", "one"),
    ]
    assert verdict.state == "failed"


BORROWS = """
def test_{name}(host, database):
    engine, _ = host.engine(database.url)
    host.call("borrow", engine)
    expect(False, observed="a", expected="b", trace={trace})
"""


def test_a_failure_may_draw_nothing(grade):
    """An empty trace is not replaced by all that the check has recorded."""
    suite = BORROWS.format(name="all", trace=None) + BORROWS.format(name="nothing", trace="Trace()")
    everything, nothing = grade("from sessionlab.recorder.trace import Trace\n" + suite).checks[1:]
    assert [event["kind"] for event in everything.trace].count("checked out") == 1
    assert nothing.trace == []


def test_the_lessons_own_given_files_can_be_imported(grade, tmp_path):
    """A submission that lies elsewhere imports them, and a changed copy beside it does not count."""
    (tmp_path / "course" / "lessons" / SLUG / "given_here.py").write_text("WORD = 'the course'\n")
    (tmp_path / "given_here.py").write_text("WORD = 'the learner'\n")
    (tmp_path / "exercise.py").write_text("from given_here import WORD\n\ndef word(): return WORD\n")
    suite = "def test_word(host):\n    word = host.call('word').value\n"
    verdict = grade(suite + "    expect(word == 'the course', observed=word, expected='the course')\n")
    assert verdict.state == "passed", verdict.checks


@pytest.mark.parametrize(
    "suite", ["raise ValueError('at import')\n", "def test_a(): pass\ndef test_a(): pass\n"]
)
def test_a_suite_that_cannot_be_collected_is_the_judges_fault(grade, suite):
    """A suite that raises when it is imported, or defines a check twice, is told as such."""
    with pytest.raises(JudgeBroken):
        grade(suite)


def test_a_suite_without_checks_never_passes(grade):
    """`load` alone proves nothing about an exercise."""
    assert grade("").state == "broken"


@pytest.mark.parametrize(
    ("expected", "ran"),
    [
        ([], []),
        (["load", "a"], ["load"]),
        (["load", "a"], ["load", "a", "b"]),
        (["load", "a"], ["a", "load"]),
    ],
)
def test_only_exactly_the_expected_checks_pass(expected, ran):
    """A missing, an additional or a reordered check can't pass a lesson."""
    checks = [Check(name, "", "passed") for name in ran]
    assert Verdict("01_small", "x.py", expected, checks).state == "broken"


def test_a_claim_that_is_no_bool_is_refused():
    """An object that is equal to everything is no claim."""
    with pytest.raises(TypeError, match="True or False"):
        expect(object(), observed="", expected="")  # type: ignore[arg-type]
