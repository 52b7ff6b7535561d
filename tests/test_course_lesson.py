"""Lessons are folders; a name finds one; a page says what it is about."""

import os
import subprocess
import sys

import pytest
from course_folder import add_lesson, make_course, write

from sessionlab.course.errors import Malformed, WrongUse
from sessionlab.course.lesson import PARTS, Lesson, find_lesson, lessons
from sessionlab.course.work import lay


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


def page_of(course, front: str, rest: str = "# Title\n") -> Lesson:
    """The lesson 01 with another page."""
    write(course / "lessons" / "01_one_engine" / "README.md", f"---\n{front}\n---\n{rest}")
    return lessons(course)[0]


def malformed(course, front: str, rest: str = "# Title\n") -> Malformed:
    """The error that a page gives."""
    lesson = page_of(course, front, rest)
    with pytest.raises(Malformed) as caught:
        _ = lesson.title, lesson.prerequisites
    assert caught.value.path == lesson.readme
    return caught.value


GOOD = "part: 1\nminutes: 30\nbelief: it is so"


def test_lessons_are_found_by_looking_at_the_folders(course):
    """A new folder is a new lesson; nothing else lists them. Pages that stand beside are no lessons."""
    add_lesson(course, "09_commit")
    (course / "lessons" / "assets").mkdir()
    assert [lesson.slug for lesson in lessons(course)] == [
        "01_one_engine",
        "07_get_db",
        "09_commit",
        "16_async_session",
    ]


def test_a_lesson_names_its_files_by_its_slug(course):
    """Each path that a lesson gives exists in a whole course."""
    lesson = find_lesson(course, "07")
    assert (lesson.number, lesson.name) == ("07", "get_db")
    for path in (
        lesson.readme,
        lesson.notebook,
        lesson.starter,
        lesson.solution,
        lesson.suite,
        *lesson.given,
    ):
        assert path.is_file(), path
    assert lesson.answers.is_dir()
    assert [path.name for path in lesson.given] == ["bank.py"]


def test_a_page_tells_title_part_minutes_belief_needs_and_database(course):
    """The front matter and the H1 are the only place where these stand."""
    lesson = find_lesson(course, "07")
    assert lesson.title == "Who closes `get_db`?"
    assert PARTS[lesson.part] == "get_db"
    assert lesson.minutes == 30
    assert lesson.belief == "07_get_db: what one believes"
    assert lesson.prerequisites == ("01_one_engine",)
    assert lesson.database == ("sqlite",)


def test_needs_are_numbers_or_names_of_earlier_lessons(course):
    """Both forms lead to slugs."""
    assert find_lesson(course, "16").prerequisites == ("07_get_db", "01_one_engine")


def test_needs_and_database_may_be_left_out(course):
    """Nothing is needed then, and the database is SQLite."""
    lesson = page_of(course, GOOD)
    assert (lesson.prerequisites, lesson.database) == ((), ("sqlite",))


def test_several_databases_are_a_list_with_the_default_first(course):
    """The order is the page's."""
    assert page_of(course, GOOD + "\ndatabase: [postgresql, sqlite]").database == ("postgresql", "sqlite")


def test_numbers_are_read_as_written_not_as_octal(course):
    """YAML 1.1 reads 08 as text and 010 as eight; here 08 and 8 are one lesson."""
    add_lesson(course, "08_pool")
    add_lesson(course, "10_tests", needs="08, 8, 07")
    assert find_lesson(course, "10").prerequisites == ("08_pool", "08_pool", "07_get_db")


def test_the_title_is_the_first_heading_outside_code(course):
    """A comment in a fence is no heading; a closing # is no part of it; a # that belongs to a word is."""
    rest = (
        "```sh\n# not this\n```\n~~~\n```\n# nor this\n~~~\n## nor this\n\n# C# and `yield` #\n\n# not this\n"
    )
    assert page_of(course, GOOD, rest).title == "C# and `yield`"


def test_windows_line_ends_and_a_byte_order_mark_are_fine(course):
    """Some editors write both."""
    text = f"---\n{GOOD}\n---\n# Title\n".replace("\n", "\r\n")
    write(course / "lessons" / "01_one_engine" / "README.md", b"\xef\xbb\xbf" + text.encode())
    assert lessons(course)[0].title == "Title"
    assert lessons(course)[0].belief == "it is so"


def test_a_lesson_reads_no_page_until_it_is_asked(course):
    """A broken page of one lesson does not stop the check of another, nor its own."""
    write(course / "lessons" / "07_get_db" / "README.md", "no front matter")
    assert find_lesson(course, "07").suite.is_file()
    assert find_lesson(course, "01").title == "One engine"


@pytest.mark.parametrize(
    ("front", "line", "what", "hint"),
    [
        ("part: 1\nminutes: 30", 1, "lacks `belief`", "---"),
        ("", 1, "lacks `part`, `minutes`, `belief`", "---"),
        ("part: 6\nminutes: 30\nbelief: b", 2, "`part` is '6'", "from 1 to 5"),
        ("part: 0\nminutes: 30\nbelief: b", 2, "`part` is '0'", "from 1 to 5"),
        ("part: 1\nminutes: half an hour\nbelief: b", 3, "`minutes` is 'half an hour'", "whole number"),
        ("part: 1\nminutes: 0\nbelief: b", 3, "`minutes` is '0'", "whole number"),
        ("part: 1\nminutes: [30]\nbelief: b", 3, "`minutes` is not one value", "minutes: …"),
        ("part: 1\nminutes: 30\nbelief:", 4, "`belief` is not one value", "belief: …"),
        ("part: 1\nminutes: 30\nbelief: FastAPI: closes", 4, "not YAML", "quotes"),
        ("part: 1\nminutes: 30\nbelief: @all", 4, "not YAML", "quotes"),
        ("part: 1\n\tminutes: 30", 3, "not YAML", "quotes"),
        (GOOD + "\nminuts: 3", 5, "`minuts` is not a key", "did you mean `minutes`?"),
        (GOOD + "\nzzz: 3", 5, "`zzz` is not a key", "part, minutes, belief, needs, database"),
        (GOOD + "\npart: 2", 5, "`part` stands twice, first in line 2", "keep one"),
        (GOOD + "\nneeds: {a: b}", 5, "one value or a list", "nesting"),
        (GOOD + "\nneeds: [[7]]", 5, "one value or a list", "nesting"),
        (GOOD + "\n? [a]\n: b", 5, "one value or a list", "nesting"),
        (GOOD + "\nneeds: [7]", 5, "`needs` names '7', which is no earlier lesson", "leave `needs` out"),
        (GOOD + "\nneeds: one_engine", 5, "no earlier lesson", "leave `needs` out"),
        (GOOD + "\ndatabase: postgres", 5, "`database` names 'postgres'", "did you mean `postgresql`?"),
        (GOOD + "\ndatabase: []", 5, "`database` is empty", "sqlite, postgresql"),
        (GOOD + "\ndatabase: [sqlite, sqlite]", 5, "names one twice", "sqlite, postgresql"),
        ("- part\n- minutes", 2, "not a list of keys and values", "---"),
        (GOOD + "\nbelief2: \x01", 1, "not YAML", "quotes"),
    ],
)
def test_malformed_front_matter_is_told_by_line_and_reason(course, front, line, what, hint):
    """Each kind of slip gets its line, what is wrong, and what to write."""
    error = malformed(course, front)
    assert what in error.fact
    assert error.line == line
    assert hint in error.hint


def test_a_later_lesson_is_no_prerequisite(course):
    """The course is done in order."""
    write(course / "lessons" / "07_get_db" / "README.md", f"---\n{GOOD}\nneeds: [16]\n---\n# T\n")
    with pytest.raises(Malformed, match="'16'") as caught:
        _ = find_lesson(course, "07").prerequisites
    assert "01_one_engine" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (b"", 1, "does not start with its front matter"),
        (b"# Title\n", 1, "does not start with its front matter"),
        (b"---\npart: 1\n", 1, "does not end"),
        (b"---\npart: 1\nbelief: \xff\n---\n", 3, "not UTF-8"),
        (f"---\n{GOOD}\n---\ntext\n#\n".encode(), 6, "no title"),
        (f"---\n{GOOD}\n---\n```\n# T\n".encode(), 6, "no title"),
    ],
)
def test_a_page_out_of_shape_is_told_by_line_and_reason(course, text, line, what):
    """Pages without front matter, end of it, title, or text."""
    path = write(course / "lessons" / "07_get_db" / "README.md", text)
    with pytest.raises(Malformed, match=what) as caught:
        _ = find_lesson(course, "07").title
    assert (caught.value.path, caught.value.line) == (path, line)


def test_a_lesson_without_a_page_says_so(course):
    """The missing README is named."""
    (course / "lessons" / "07_get_db" / "README.md").unlink()
    with pytest.raises(Malformed, match=r"README\.md:1: the lesson's page can't be read"):
        _ = find_lesson(course, "07").title


@pytest.mark.parametrize("name", ["7_get_db", "08-pool", "08_Pool", "08_", "08", "123_x"])
def test_a_folder_named_almost_like_a_lesson_is_no_silent_gap(course, name):
    """A lesson with a slip in its name would otherwise be missing without a word."""
    (course / "lessons" / name).mkdir()
    with pytest.raises(Malformed, match=f"{name}:1: .*not named like a lesson"):
        lessons(course)


def test_two_lessons_with_one_number_are_an_error(course):
    """A number names one lesson."""
    add_lesson(course, "07_other")
    with pytest.raises(Malformed, match="07_get_db has this number as well"):
        lessons(course)


def test_a_course_without_lessons_says_so(course, tmp_path):
    """A half-fetched course is named as such."""
    with pytest.raises(WrongUse, match="no readable folder `lessons`"):
        lessons(tmp_path / "nothing")


@pytest.mark.parametrize(
    "name",
    [
        "7",
        "07",
        "007",
        " 07 ",
        "07_get_db",
        "get_db",
        "get-db",
        "GET_DB",
        "get db",
        "get",
        "t_d",
        "lessons/07_get_db",
        "lessons/07_get_db/",
        "lessons/07_get_db/README.md",
        "lessons/07_get_db/bank.py",
        "notebooks/07_get_db.ipynb",
        "solutions/07_get_db.py",
        "checks/test_07_get_db.py",
        "checks/answers/07_get_db/wrong/not_run.py",
        "work/07_get_db/exercise.py",
        "test_07_get_db.py",
    ],
)
def test_a_lesson_is_found_by_number_slug_part_or_path(course, name):
    """Whatever a user is likely to type means the lesson."""
    assert find_lesson(course, name).slug == "07_get_db"


def test_windows_paths_are_read_on_windows(course):
    """A path is split as the system splits it."""
    assert find_lesson(course, os.path.join("work", "07_get_db", "exercise.py")).slug == "07_get_db"


def test_a_file_in_the_current_folder_names_its_lesson(course, monkeypatch):
    """Standing in the lesson's work folder, `check exercise.py` and `check .` mean this lesson."""
    lay(course, course / "work")
    monkeypatch.chdir(course / "work" / "07_get_db")
    assert find_lesson(course, "exercise.py").slug == "07_get_db"
    assert find_lesson(course, ".").slug == "07_get_db"


def test_the_innermost_lesson_of_a_path_counts(course):
    """A course kept in a folder named like a lesson confuses nobody."""
    assert find_lesson(course, "07_get_db/work/01_one_engine/exercise.py").slug == "01_one_engine"


def test_the_whole_name_wins_over_a_part_of_another(course):
    """`get_db` is lesson 07 although 17 has it in its name, too."""
    add_lesson(course, "17_async_get_db")
    assert find_lesson(course, "get_db").slug == "07_get_db"


def test_a_part_that_fits_several_lists_them(course):
    """The candidates are named, and how to choose."""
    add_lesson(course, "08_one_session")
    with pytest.raises(WrongUse) as caught:
        find_lesson(course, "session")
    assert "fits 2 lessons: 08_one_session, 16_async_session" in caught.value.fact
    assert "`08`" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("get_bd", "07_get_db"),
        ("07_getdb", "07_get_db"),
        ("asinc_session", "16_async_session"),
        ("8", "07_get_db"),
        ("99999999999999999999", "16_async_session"),
        ("9" * 5000, "16_async_session"),
        ("0", "01_one_engine"),
        ("6", "07_get_db"),
        ("checks/test_07_getdb.py", "07_get_db"),
    ],
)
def test_a_wrong_name_gets_the_nearest_one_suggested(course, name, near):
    """Names by spelling, numbers by distance."""
    with pytest.raises(WrongUse) as caught:
        find_lesson(course, name)
    assert f"There is no lesson '{name[:60]}" in caught.value.fact
    assert len(caught.value.fact) < 160
    assert caught.value.hint == f"did you mean {near}?"


@pytest.mark.parametrize("name", ["", "  ", "zzzz", "²", "\0", "x" * 5000, "/", "..", "-", "_", "*"])
def test_a_name_like_no_other_leads_to_the_map(course, name):
    """Nothing near: the hint says where the names stand; odd characters break nothing."""
    with pytest.raises(WrongUse) as caught:
        find_lesson(course, name)
    assert "lesson" in caught.value.fact


def test_a_course_that_has_no_lesson_yet_says_so(tmp_path):
    """No nearest name is suggested where there is none."""
    (tmp_path / "lessons").mkdir()
    with pytest.raises(WrongUse, match="the course has none yet"):
        find_lesson(tmp_path, "07")


def test_finding_a_lesson_imports_nothing_heavy(course):
    """The command line imports this first: no YAML, no difflib, none of the course's libraries."""
    code = (
        "import sys; from pathlib import Path; import sessionlab.course.work, sessionlab.course.progress;"
        "from sessionlab.course.lesson import find_lesson; find_lesson(Path(sys.argv[1]), '7');"
        "print([name for name in ('yaml', 'difflib', 'importlib.metadata', 'fastapi', 'sqlalchemy', 'pytest',"
        " 'rich', 'typer', 'asyncio') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-I", "-c", code, course], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
