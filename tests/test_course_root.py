"""Where the course and the work folder are looked for, and what is said when there is none."""

import os
import sys
from pathlib import Path

import pytest
from course_folder import make_course, write

from sessionlab.course.errors import WrongUse
from sessionlab.course.root import CourseNotFound, find_course, find_work
from sessionlab.course.work import init, lay


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    monkeypatch.delenv("SESSIONLAB_COURSE", raising=False)
    monkeypatch.delenv("SESSIONLAB_WORK", raising=False)


@pytest.fixture
def course(tmp_path) -> Path:
    return make_course(tmp_path / "course")


def test_the_course_is_found_from_any_folder_in_it(course):
    """Walking up from a lesson ends at the folder whose pyproject.toml has the table."""
    assert find_course(course / "lessons" / "07_get_db") == course
    assert find_course(course) == course


def test_the_course_is_found_from_one_of_its_files(course):
    """An editor hands over the file that is open."""
    assert find_course(course / "lessons" / "07_get_db" / "exercise.py") == course


def test_the_current_folder_is_where_the_search_starts(course, monkeypatch):
    """No start named means the folder that the user stands in."""
    monkeypatch.chdir(course / "notebooks")
    assert find_course() == course


def test_another_projects_pyproject_on_the_way_is_passed_by(course):
    """A project of the learner's inside the work folder hides nothing."""
    write(course / "work" / "mine" / "pyproject.toml", '[project]\nname = "sessionlab"\n[tool.ruff]\n')
    assert find_course(course / "work" / "mine") == course


def test_a_pyproject_in_the_middle_of_an_edit_still_marks_the_course(course):
    """A syntax error elsewhere in pyproject.toml is no reason not to find the course."""
    write(course / "pyproject.toml", "[project\n[tool.sessionlab]\n")
    assert find_course(course) == course


def test_a_comment_about_the_table_is_no_course(tmp_path):
    """Only the table's own line counts."""
    write(tmp_path / "pyproject.toml", "# see [tool.sessionlab]\n[tool.sessionlab-other]\n")
    with pytest.raises(CourseNotFound):
        find_course(tmp_path)


def test_the_variable_overrides_where_one_stands(course, tmp_path, monkeypatch):
    """SESSIONLAB_COURSE wins over the course that one stands in."""
    other = make_course(tmp_path / "other")
    monkeypatch.setenv("SESSIONLAB_COURSE", str(other))
    assert find_course(course) == other


def test_an_empty_variable_counts_as_unset(course, monkeypatch):
    """Shells and CI files set variables to nothing."""
    monkeypatch.setenv("SESSIONLAB_COURSE", " ")
    assert find_course(course) == course


def test_a_relative_variable_is_meant_from_the_current_folder(course, monkeypatch):
    """What is found is absolute, whatever was named."""
    monkeypatch.chdir(course.parent)
    monkeypatch.setenv("SESSIONLAB_COURSE", "course")
    assert find_course() == course


@pytest.mark.parametrize(("name", "reason"), [("plain", "has no pyproject.toml"), ("gone", "is no folder")])
def test_a_variable_that_names_no_course_says_why(course, tmp_path, monkeypatch, name, reason):
    """A wrong SESSIONLAB_COURSE is an error, also inside a course."""
    (tmp_path / "plain").mkdir()
    monkeypatch.setenv("SESSIONLAB_COURSE", str(tmp_path / name))
    with pytest.raises(CourseNotFound) as caught:
        find_course(course)
    assert f"SESSIONLAB_COURSE names {tmp_path / name}" in caught.value.fact
    assert reason in caught.value.fact
    assert "SESSIONLAB_COURSE" in caught.value.hint


def test_without_a_course_the_error_says_where_it_looked(tmp_path):
    """The user sees the folder that the search started from."""
    with pytest.raises(CourseNotFound) as caught:
        find_course(tmp_path)
    assert isinstance(caught.value, WrongUse)
    assert str(tmp_path) in caught.value.fact
    assert "SESSIONLAB_COURSE" in caught.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder that one stands in")
def test_a_current_folder_that_was_deleted_is_said_to_be(tmp_path, monkeypatch):
    """Standing in a deleted folder gives an error of ours, not a traceback."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(CourseNotFound, match="no longer exists"):
        find_course()


def test_a_work_folder_elsewhere_knows_its_course(course, tmp_path):
    """`init` leaves a mark, from which both course and work folder are found."""
    init(course, tmp_path / "mine")
    inside = tmp_path / "mine" / "07_get_db"
    assert find_course(inside) == course
    assert find_work(course, inside) == tmp_path / "mine"


def test_a_course_that_moved_away_is_named_with_the_way_out(course, tmp_path):
    """The error tells which work folder points where, and that `init` sets it right."""
    init(course, tmp_path / "mine")
    course.rename(tmp_path / "moved")
    with pytest.raises(CourseNotFound) as caught:
        find_course(tmp_path / "mine")
    assert str(course) in caught.value.fact
    assert f"sessionlab init {tmp_path / 'mine'}" in caught.value.hint


def test_the_hint_for_a_moved_course_works(course, tmp_path):
    """`init` from the course's new place makes the work folder point there."""
    init(course, tmp_path / "mine")
    moved = course.rename(tmp_path / "moved")
    init(moved, tmp_path / "mine")
    assert find_course(tmp_path / "mine") == moved


def test_a_copied_course_does_not_lead_back_to_the_original(course, tmp_path):
    """The work folder inside a course carries no mark, so a copy of the whole finds itself."""
    lay(course, course / "work")
    moved = course.rename(tmp_path / "moved")
    make_course(course)
    assert find_course(moved / "work" / "07_get_db") == moved


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'"x"', b'{"course": 3}', b"\xff\xfe", b"null"])
def test_a_damaged_mark_is_as_good_as_none(tmp_path, text):
    """A mark that does not read leads to the ordinary error."""
    write(tmp_path / ".sessionlab" / "course.json", text)
    with pytest.raises(CourseNotFound, match="There is no course here"):
        find_course(tmp_path)


def test_the_work_folder_is_beside_the_course_by_default(course):
    """Nobody has to choose a folder."""
    assert find_work(course, course) == course / "work"
    assert find_work(course, course / "work" / "07_get_db") == course / "work"


def test_the_variable_names_the_work_folder(course, tmp_path, monkeypatch):
    """SESSIONLAB_WORK wins over the work folder that one stands in, and need not exist."""
    init(course, tmp_path / "mine")
    monkeypatch.setenv("SESSIONLAB_WORK", str(tmp_path / "other"))
    assert find_work(course, tmp_path / "mine") == tmp_path / "other"


def test_a_tilde_in_a_variable_is_the_home_folder(course, tmp_path, monkeypatch):
    """A quoted `~` reaches the program as it is."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("SESSIONLAB_WORK", os.path.join("~", "mine"))
    assert find_work(course) == tmp_path / "mine"


def test_the_work_folder_one_stands_in_counts_whatever_course_is_named(course, tmp_path, monkeypatch):
    """With SESSIONLAB_COURSE naming the course's new place, the old work folder goes on."""
    init(course, tmp_path / "mine")
    moved = course.rename(tmp_path / "moved")
    monkeypatch.setenv("SESSIONLAB_COURSE", str(moved))
    assert find_course(tmp_path / "mine") == moved
    assert find_work(moved, tmp_path / "mine") == tmp_path / "mine"
