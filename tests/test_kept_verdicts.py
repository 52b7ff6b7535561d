"""Verdicts are come to once: what is kept holds for the same content, and for no other."""

import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier, Thread

import pytest
from small_course import GOOD, SLUG, lay

from sessionlab.course.cache import Cache, cache_folder
from sessionlab.course.lesson import find_lesson
from sessionlab.grader import fingerprint
from sessionlab.grader.front_end import Front
from sessionlab.grader.judges import in_turn
from sessionlab.grader.kept_verdicts import Graded, KeptVerdicts
from sessionlab.grader.verdict_document import PASSED

PACKAGE = Path(fingerprint.__file__).parents[1]


def graded(course, problem=lambda verdict: "", source=GOOD):
    path = course / "solutions" / f"{SLUG}.py"
    return Graded(find_lesson(course, SLUG), "solution", path, source.encode(), "sqlite", problem)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A course, the cache that its solution's verdict is kept in, and that verdict. Copy it before you change it."""
    folder = tmp_path_factory.mktemp("checkout")
    course = lay(folder / "course")
    (course / "solutions").mkdir(exist_ok=True)
    (course / "solutions" / f"{SLUG}.py").write_text(GOOD)
    with Front(course, stay=True) as front:
        verdict = KeptVerdicts(course, Cache(folder / "cache")).grade(front, graded(course))
    return folder, verdict


@pytest.fixture
def course(checkout, tmp_path):
    """A second clone of the course, at another place."""
    return shutil.copytree(checkout[0] / "course", tmp_path / "clone")


@pytest.fixture
def kept(checkout, course, tmp_path):
    """What is kept, as the second clone sees it."""
    return KeptVerdicts(course, Cache(shutil.copytree(checkout[0] / "cache", tmp_path / "cache")))


def test_a_fresh_clone_finds_the_verdict_and_its_traces(checkout, course, kept):
    """Only the file's path is another one; no trace is lost."""
    found = kept.known(graded(course))
    assert found is not None
    assert found.state == PASSED
    assert found.submission == str(course / "solutions" / f"{SLUG}.py")
    traces = kept.traces(graded(course))
    assert traces == {check.id: check.trace for check in checkout[1].checks}
    assert traces["borrows"]


def test_what_is_kept_holds_no_path_of_the_checkout(checkout):
    """So that it may be copied from machine to machine."""
    texts = [path.read_bytes() for path in (checkout[0] / "cache").rglob("*.json")]
    assert texts
    assert not [text for text in texts if str(checkout[0]).encode() in text]


CHANGES = {
    "the suite": lambda course: (course / "checks" / f"test_{SLUG}.py").open("a").write("\n"),
    "a file beside the suite": lambda course: (course / "checks" / "rewritten.py").write_text(""),
    "a given file": lambda course: (course / "lessons" / SLUG / "bank.py").write_text("RATE = 3\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_content_of_the_course_is_graded_anew(course, kept, change):
    """Each file that a verdict depends on counts."""
    assert kept.known(graded(course))
    CHANGES[change](course)
    assert kept.known(graded(course)) is None


def test_another_submission_is_graded_anew(course, kept):
    """A comment more is another file."""
    assert kept.known(graded(course, source=f"{GOOD}# more\n")) is None


@pytest.mark.parametrize(
    ("variable", "value"), [("SESSIONLAB_SEED", "7"), ("SESSIONLAB_DEADLINE", "9")], ids=["seed", "deadline"]
)
def test_another_seed_or_deadline_is_graded_anew(course, kept, monkeypatch, variable, value):
    """Both may decide what a verdict is."""
    monkeypatch.setenv(variable, value)
    assert kept.known(graded(course)) is None


def test_another_database_is_graded_anew(course, kept):
    """What holds on SQLite says nothing of PostgreSQL."""
    assert kept.known(replace(graded(course), database="postgresql")) is None


def test_another_version_of_a_library_is_graded_anew(course, kept, monkeypatch):
    """The host runs it."""
    monkeypatch.setattr(fingerprint, "libraries", lambda names: "fastapi 0.1")
    assert kept.known(graded(course)) is None


@pytest.mark.parametrize(
    ("module", "counts"),
    [
        ("grader/host/loading.py", True),
        ("grader/judge/grading.py", True),
        ("recorder/listeners.py", True),
        ("verdict.py", True),
        ("site/gallery.py", False),
        ("cli/report.py", False),
        ("jupyter/magics.py", False),
    ],
)
def test_only_a_change_of_what_host_and_judge_import_grades_anew(tmp_path, monkeypatch, module, counts):
    """A change of the site's code, of a command or of a magic grades nothing again."""
    package = shutil.copytree(PACKAGE, tmp_path / "sessionlab", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "_PACKAGE", package)
    engine = partial(fingerprint.engine.__wrapped__, fingerprint.JUDGING)
    before = engine()
    with (package / module).open("a") as source:
        source.write("# more\n")
    assert (engine() != before) is counts


def test_a_verdict_that_is_not_what_it_must_be_is_not_kept(checkout, course, tmp_path):
    """A machine that was too busy must not be believed for a month."""
    kept = KeptVerdicts(course, Cache(tmp_path / "other"))
    file = graded(course, problem=lambda verdict: "rejected")
    with Front(course, stay=True) as front:
        assert kept.grade(front, file).state == PASSED
    assert kept.known(file) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\x00", b"null"])
def test_a_damaged_file_counts_as_absent(course, kept, tmp_path, damage):
    """A disk that lost half of it costs a grading, and no error."""
    for path in (tmp_path / "cache").rglob("*.*"):
        path.write_bytes(damage)
    assert kept.known(graded(course)) is None
    assert kept.traces(graded(course)) == {}


def test_a_folder_that_is_deleted_meanwhile_is_made_again(tmp_path):
    """It may go at any time, also between two gradings of one run."""
    cache = Cache(tmp_path / "cache")
    cache.put("a", "x", b"1")
    shutil.rmtree(tmp_path / "cache")
    assert cache.get("a", "x") is None
    cache.put("a", "x", b"2")
    assert cache.get("a", "x") == b"2"


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path):
    """A file stands where the folder should be: everything is come to anew."""
    (tmp_path / "cache").write_text("in the way")
    cache = Cache(tmp_path / "cache")
    cache.put("a", "x", b"1")
    assert cache.get("a", "x") is None


def test_two_writers_at_once_leave_one_whole_file(tmp_path):
    """Whoever comes last wins; nobody reads half of one and half of the other."""
    texts, barrier = [b"a" * 200_000, b"b" * 200_000], Barrier(2)

    def write(text):
        barrier.wait()
        for _ in range(20):
            Cache(tmp_path).put("key", "name", text)

    writers = [Thread(target=write, args=[text]) for text in texts]
    for writer in writers:
        writer.start()
    read = [Cache(tmp_path).get("key", "name") for _ in range(50)]
    for writer in writers:
        writer.join()
    assert {*read, Cache(tmp_path).get("key", "name")} <= {None, *texts}
    assert [path.name for path in (tmp_path / "key").iterdir()] == ["name"]


def test_a_crash_in_the_middle_of_writing_leaves_what_was_there(tmp_path, monkeypatch):
    """The new file takes the old one's place only when it is whole."""
    cache = Cache(tmp_path)
    cache.put("key", "name", b"old")

    def crash(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        cache.put("key", "name", b"new")
    assert cache.get("key", "name") == b"old"


def test_fresh_looks_nothing_up_and_keeps_what_comes(tmp_path):
    """What it was given itself in this run it gives back."""
    Cache(tmp_path).put("key", "name", b"old")
    fresh = Cache(tmp_path, fresh=True)
    assert fresh.get("key", "name") is None
    fresh.put("key", "name", b"new")
    assert fresh.get("key", "name") == Cache(tmp_path).get("key", "name") == b"new"


def test_what_nobody_used_for_a_month_is_removed(tmp_path):
    """What was read yesterday stays."""
    cache = Cache(tmp_path)
    for key in ("old", "used"):
        cache.put(key, "name", b"1")
        os.utime(tmp_path / key, (0, 0))
    cache.get("used", "name")
    cache.prune()
    assert [path.name for path in tmp_path.iterdir()] == ["used"]


def test_the_folder_lies_where_the_environment_says_and_else_outside_the_checkout(tmp_path, monkeypatch):
    """A fresh clone finds it again."""
    monkeypatch.setenv("SESSIONLAB_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("SESSIONLAB_CACHE")
    assert not cache_folder().is_relative_to(Path(__file__).parents[1])


def test_work_is_done_in_the_order_given_and_what_it_raises_is_raised(tmp_path):
    """Results come in that order, too; no judge is started where nobody asks for one."""
    assert in_turn(tmp_path, [lambda judge, number=number: number for number in range(9)]) == list(range(9))
    with pytest.raises(ZeroDivisionError):
        in_turn(tmp_path, [lambda judge: 1 / 0])
