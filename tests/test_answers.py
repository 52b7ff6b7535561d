"""Every lesson's suite accepts what is right, and rejects what is wrong for the right reason: the kill matrix.

Lessons and answers are found by looking at the folders. The feedback that a wrong answer gets is frozen in
`tests/feedback/`; after a change that is meant, `sessionlab verify --freeze` writes it anew.
"""

from pathlib import Path

import pytest

from sessionlab.course.answers import answers
from sessionlab.course.lesson import Lesson, lessons
from sessionlab.course.root import find_course
from sessionlab.grader.verify import NOT_GRADED, frozen, verify

COURSE = find_course(Path(__file__).parent)
LESSONS = lessons(COURSE)


def names(lesson: Lesson) -> list[str]:
    """Return the names of the submissions that verifying a lesson grades."""
    kinds = ["starter", "solution", *(f"{answer.kind}/{answer.name}" for answer in answers(lesson))]
    if len(lesson.database) == 1:
        return kinds
    return [f"{kind} on {database}" for database in lesson.database for kind in kinds]


@pytest.fixture(scope="session")
def findings(request):
    """Verify the lessons that are asked for, all together; return a lesson's findings by name."""
    asked = {item.callspec.params["lesson"] for item in request.session.items if item.path == Path(__file__)}
    found = verify(COURSE, [lesson for lesson in LESSONS if lesson in asked], notebooks=False)
    return lambda lesson: {finding.name: finding for finding in found if finding.lesson == lesson.slug}


CASES = [(lesson, name) for lesson in LESSONS for name in names(lesson)]


@pytest.mark.parametrize(("lesson", "name"), CASES, ids=[f"{lesson.number}-{name}" for lesson, name in CASES])
def test_each_answer_gets_the_verdict_that_it_names(findings, lesson, name):
    """The solution and right answers pass; the starter and each wrong answer fail as they say."""
    finding = findings(lesson)[name]
    if finding.problem.startswith(NOT_GRADED):
        pytest.skip(finding.problem)
    assert not finding.problem, f"{lesson} {name} {finding.problem}\n{finding.feedback}"


@pytest.mark.parametrize("lesson", LESSONS, ids=str)
def test_each_check_is_met_first_by_some_wrong_answer(findings, lesson):
    """A check that no wrong answer meets first proves nothing; 8 wrong and 3 right answers are the least."""
    gaps = [f for name, f in findings(lesson).items() if f.problem and name not in names(lesson)]
    assert not gaps, "\n".join(f"{lesson} {gap.name}: {gap.problem}" for gap in gaps)


@pytest.mark.parametrize("lesson", LESSONS, ids=str)
def test_each_suite_has_at_least_six_checks(findings, lesson):
    """A lesson is proven by six checks at the least, beside `load`."""
    expected = next(finding.expected for finding in findings(lesson).values() if finding.expected)
    assert len(expected) >= 7


@pytest.mark.parametrize("lesson", LESSONS, ids=str)
def test_the_feedback_is_frozen(findings, lesson):
    """What a learner reads about each wrong answer changes only on purpose."""
    lacking = next((f.problem for f in findings(lesson).values() if f.problem.startswith(NOT_GRADED)), "")
    if lacking:
        pytest.skip(lacking)
    file = COURSE / "tests" / "feedback" / f"{lesson}.txt"
    kept = file.read_text(encoding="utf-8") if file.is_file() else ""
    told = frozen(findings(lesson).values())
    assert told == kept, f"run `sessionlab verify {lesson.number} --freeze` if this is meant"
