"""Progress is the last verdict on exactly these files."""

import json
import os
import threading

import pytest
from course_folder import make_course, write

from sessionlab.course import progress
from sessionlab.course.lesson import find_lesson
from sessionlab.course.progress import KEPT, engine_version, key, load, state, store
from sessionlab.course.work import lay, private, reset, submission

GOOD = {"schema": 1, "state": "passed", "checks": []}
BAD = {"schema": 1, "state": "failed", "checks": [{"observed": "nothing \udcff ü"}]}


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


@pytest.fixture
def work(course):
    lay(course, course / "work")
    return course / "work"


@pytest.fixture
def lesson(course):
    return find_lesson(course, "07")


@pytest.fixture
def mine(lesson, work):
    """The learner's exercise, edited."""
    return write(submission(lesson, work), "mine = 1\n")


def verdicts(work):
    """The files of verdicts of lesson 07."""
    return sorted((private(work) / "verdicts" / "07_get_db").glob("*"))


def test_a_lesson_goes_through_its_four_states(lesson, work):
    """Fresh, edited, failed, passed, and edited again."""
    assert state(lesson, work) == "not started"
    path = write(submission(lesson, work), "mine = 1\n")
    assert state(lesson, work) == "not checked"
    store(work, lesson, key(lesson, path), BAD)
    assert state(lesson, work) == "not passed"
    write(path, "mine = 2\n")
    assert state(lesson, work) == "not checked"
    store(work, lesson, key(lesson, path), GOOD)
    assert state(lesson, work) == "passed"


def test_an_edit_that_is_undone_is_known_again(lesson, work, mine):
    """The verdict belongs to the content, not to the time."""
    store(work, lesson, key(lesson, mine), GOOD)
    write(mine, "mine = 2\n")
    store(work, lesson, key(lesson, mine), BAD)
    write(mine, "mine = 1\n")
    assert state(lesson, work) == "passed"


def test_a_starter_is_not_started_whatever_was_graded(lesson, work):
    """A graded starter did not pass, but nobody has begun."""
    store(work, lesson, key(lesson, submission(lesson, work)), BAD)
    assert state(lesson, work) == "not started"


def test_a_reset_lesson_is_not_started(lesson, work, mine):
    """What had passed lies in the backups now."""
    store(work, lesson, key(lesson, mine), GOOD)
    reset(lesson, work)
    assert state(lesson, work) == "not started"


def test_a_verdict_comes_back_as_it_was_kept(lesson, work, mine):
    """With characters that are no text in any encoding, too."""
    store(work, lesson, "k", BAD)
    assert load(work, lesson, "k") == BAD
    assert load(work, lesson, "other") is None


def test_a_broken_graders_verdict_is_not_kept(lesson, work, mine):
    """It says nothing about the submission."""
    for verdict in ({"schema": 1, "state": "broken"}, {}):
        store(work, lesson, key(lesson, mine), verdict)
    assert verdicts(work) == []
    assert state(lesson, work) == "not checked"


def test_the_databases_have_verdicts_of_their_own(lesson, work, mine):
    """Passed on SQLite is not passed on PostgreSQL."""
    store(work, lesson, key(lesson, mine, "sqlite"), GOOD)
    assert state(lesson, work, "sqlite") == "passed"
    assert state(lesson, work, "postgresql") == "not checked"


def changed_submission(lesson, mine, monkeypatch):
    """Same size, same time: content counts."""
    about = mine.stat()
    mine.write_bytes(mine.read_bytes().replace(b"1", b"2"))
    os.utime(mine, ns=(about.st_atime_ns, about.st_mtime_ns))


def changed_sibling(lesson, mine, monkeypatch):
    """A module that the submission imports."""
    write(mine.parent / "bank.py", "RATE = 9\n")


def new_sibling(lesson, mine, monkeypatch):
    """A module of the learner's own."""
    write(mine.parent / "own.py", "")


def renamed_sibling(lesson, mine, monkeypatch):
    """The same content under another name."""
    (mine.parent / "bank.py").rename(mine.parent / "bonk.py")


def changed_suite(lesson, mine, monkeypatch):
    """The course asks for more."""
    write(lesson.suite, "def test_more():\n    pass\n")


def shared_fixtures(lesson, mine, monkeypatch):
    """What suites share."""
    write(lesson.suite.parent / "conftest.py", "")


def changed_given(lesson, mine, monkeypatch):
    """The course's own copy of a given file."""
    write(lesson.folder / "bank.py", "RATE = 5\n")


def changed_mutant(lesson, mine, monkeypatch):
    """Another way to break a given file."""
    write(lesson.course / "checks" / "mutants" / lesson.slug / "forgotten.py", "")


def no_submission(lesson, mine, monkeypatch):
    """Missing is not empty."""
    mine.unlink()


def another_engine(lesson, mine, monkeypatch):
    """The grader was updated."""
    monkeypatch.setattr(progress, "engine_version", lambda: "another")


def another_library(lesson, mine, monkeypatch):
    """A library was updated."""
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.0.1")


@pytest.mark.parametrize(
    "change",
    [
        changed_submission,
        changed_sibling,
        new_sibling,
        renamed_sibling,
        changed_suite,
        shared_fixtures,
        changed_given,
        changed_mutant,
        no_submission,
        another_engine,
        another_library,
    ],
    ids=lambda change: change.__name__,
)
def test_whatever_a_verdict_depends_on_changes_the_key(lesson, mine, monkeypatch, change):
    """A verdict on other files, or by other versions, is none on these."""
    progress._versions.cache_clear()
    before = key(lesson, mine)
    assert key(lesson, mine) == before
    progress._versions.cache_clear()
    change(lesson, mine, monkeypatch)
    after = key(lesson, mine)
    progress._versions.cache_clear()
    assert after != before


def test_an_empty_suite_is_not_a_missing_one(lesson, mine):
    """Missing and empty are two things to depend on."""
    write(lesson.suite, "")
    empty = key(lesson, mine)
    lesson.suite.unlink()
    assert key(lesson, mine) != empty


@pytest.mark.parametrize("other", ["notes.md", "notebook.ipynb", "__pycache__/own.pyc"])
def test_what_a_verdict_does_not_depend_on_leaves_the_key(lesson, work, mine, other):
    """Saving the notebook, or another lesson's exercise, does not undo a pass."""
    before = key(lesson, mine)
    write(mine.parent / other, "other")
    write(work / "01_one_engine" / "exercise.py", "other")
    write(lesson.course / "checks" / "test_01_one_engine.py", "other")
    assert key(lesson, mine) == before


def test_content_cannot_pass_for_another_file(lesson, mine):
    """Strung together, two files y and z, and one y that ends like z, would be the same bytes."""
    write(mine.parent / "y.py", "xz.py+")
    one = key(lesson, mine)
    write(mine.parent / "y.py", "x")
    write(mine.parent / "z.py", "")
    assert key(lesson, mine) != one


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema": 1}',
        b'{"schema": 2, "key": "k", "verdict": {"state": "passed"}}',
        b'{"schema": 1, "key": "x", "verdict": {"state": "passed"}}',
        b'{"schema": 1, "key": "k", "verdict": "passed"}',
        b'{"schema": 1, "key": "k", "verdict": {"state": "great"}}',
        b'{"schema": 1, "key": "k", "verdict": {"state": ["passed"]}}',
        b'{"schema": 1, "key": "k", "verdict": {}}',
    ],
    ids=lambda text: text[:60].decode("latin-1"),
)
def test_a_damaged_verdict_counts_as_none(lesson, work, text):
    """No error, and the next verdict takes its place."""
    store(work, lesson, "k", GOOD)
    (path,) = verdicts(work)
    path.write_bytes(text)
    assert load(work, lesson, "k") is None
    store(work, lesson, "k", GOOD)
    assert load(work, lesson, "k") == GOOD


def test_a_folder_in_a_verdicts_place_is_no_error(lesson, work, mine):
    """A cache that can't be written costs a grading, no more."""
    write(private(work) / "verdicts", "a file")
    store(work, lesson, key(lesson, mine), GOOD)
    assert state(lesson, work) == "not checked"


def test_the_cache_does_not_grow_without_end(lesson, work):
    """Watch mode makes a verdict on every save; the newest stay."""
    for number in range(KEPT + 5):
        store(work, lesson, f"{number:032}", GOOD)
        os.utime(private(work) / "verdicts" / "07_get_db" / f"{number:032}.json", ns=(number, number))
    store(work, lesson, "last", GOOD)
    assert len(verdicts(work)) == KEPT
    assert load(work, lesson, f"{KEPT + 4:032}") == load(work, lesson, "last") == GOOD
    assert load(work, lesson, f"{0:032}") is None


def test_verdicts_stored_at_once_are_each_whole(lesson, work):
    """A reader sees one verdict or another, never half of one."""
    barrier = threading.Barrier(4)
    seen = []

    def run(number: int) -> None:
        barrier.wait()
        for _ in range(10):
            store(work, lesson, "k", {"schema": 1, "state": "passed", "by": number, "pad": "x" * 10_000})
            seen.append(load(work, lesson, "k"))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 40
    assert all(verdict and len(verdict["pad"]) == 10_000 for verdict in seen)
    assert len(verdicts(work)) == 1


def test_the_engines_version_is_that_of_its_files(tmp_path, monkeypatch):
    """A file added, grown, touched or removed makes another engine; bytecode does not."""
    monkeypatch.setattr(progress, "__file__", str(tmp_path / "sessionlab" / "course" / "progress.py"))
    source = write(tmp_path / "sessionlab" / "grader" / "deep" / "a.py", "A = 1\n")
    seen = [engine_version.__wrapped__()]
    write(tmp_path / "sessionlab" / "grader" / "deep" / "__pycache__" / "a.py", "")
    write(tmp_path / "sessionlab" / "py.typed", "")
    assert engine_version.__wrapped__() == seen[0]
    for change in (
        lambda: write(source, "A = 10\n"),
        lambda: os.utime(source, ns=(1, 1)),
        lambda: write(tmp_path / "sessionlab" / "b.py", ""),
        source.unlink,
    ):
        change()
        seen.append(engine_version.__wrapped__())
    assert len(set(seen)) == len(seen) == 5


def test_a_stored_verdict_is_one_versioned_document(lesson, work):
    """What lies on disk says its schema and what it is about."""
    store(work, lesson, "k", GOOD)
    (path,) = verdicts(work)
    assert json.loads(path.read_text()) == {"schema": 1, "key": "k", "verdict": GOOD}
