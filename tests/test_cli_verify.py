"""What `sessionlab verify` shows to authors."""

import io

import pytest
from course_folder import make_course, write
from rich.console import Console

from sessionlab.cli.commands.verify import _answer, _matrix
from sessionlab.course.errors import WrongUse
from sessionlab.course.lesson import find_lesson
from sessionlab.grader.verify import Finding


def test_a_narrow_terminal_folds_names_and_hides_no_check():
    """Every check has its column at 80, however long the names of the answers are."""
    checks = tuple(f"check_{number}" for number in range(1, 13))
    long = Finding(
        "lesson", "wrong/a_name_of_more_than_thirty_letters", checks, "A_MISTAKE_OF_THIRTY_LETTERS_OR_SO"
    )
    output = io.StringIO()
    Console(file=output, width=80).print(_matrix(checks, [long]))
    heading = next(line for line in output.getvalue().splitlines() if "submission" in line)
    assert heading.split() == ["submission", *map(str, range(1, 13)), "mistake"]


@pytest.fixture
def lesson(tmp_path):
    lesson = find_lesson(make_course(tmp_path / "course"), "07")
    write(lesson.answers / "right" / "not_run.py", '"""Unlike."""\n')
    return lesson


@pytest.mark.parametrize("name", ["right/short", "right/short.py", "short"])
def test_an_answer_is_composed_by_its_name_in_full_or_alone(lesson, name):
    """What the option prints is what is graded."""
    assert _answer(lesson, name).path == lesson.answers / "right" / "short.py"


@pytest.mark.parametrize(
    ("name", "fact", "hint"),
    [
        ("not_run", "07_get_db has 2 answers 'not_run'.", "write `wrong/not_run` or `right/not_run`."),
        ("wrong/not_ran", "07_get_db has no answer 'wrong/not_ran'.", "did you mean `wrong/not_run`?"),
        ("shrot", "07_get_db has no answer 'shrot'.", "did you mean `short`?"),
        ("x", "07_get_db has no answer 'x'.", "there are wrong/not_run, right/not_run, right/short."),
    ],
)
def test_a_name_that_fits_no_answer_or_two_is_an_error(lesson, name, fact, hint):
    """With the one that was probably meant."""
    with pytest.raises(WrongUse) as caught:
        _answer(lesson, name)
    assert (caught.value.fact, caught.value.hint) == (fact, hint)
