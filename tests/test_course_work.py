"""The learner's folder: laid, brought up to date, reset; what the learner wrote is never lost."""

import multiprocessing
import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest
from course_folder import add_lesson, make_course, write

from sessionlab.course.errors import WrongUse
from sessionlab.course.lesson import find_lesson
from sessionlab.course.root import laid_from
from sessionlab.course.work import init, lay, notebook, private, reset, submission, untouched


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


def files(folder: Path) -> dict[str, bytes]:
    """Every file in and below a folder, with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def backups(work: Path, slug: str = "07_get_db") -> list[bytes]:
    """The contents of a lesson's backups, oldest first."""
    return [path.read_bytes() for path in sorted((private(work) / "backups" / slug).glob("*"))]


def update(course: Path, text: str, slug: str = "07_get_db") -> bytes:
    """A new version of a lesson's starter."""
    return write(course / "lessons" / slug / "exercise.py", text).read_bytes()


def test_laying_copies_exercise_notebook_and_given_files(course, lesson):
    """Each lesson gets a folder with what the course has for it, byte for byte."""
    laid = lay(course, course / "work")
    found = files(course / "work")
    assert sorted(name for name in found if not name.startswith(".")) == [
        "01_one_engine/exercise.py",
        "01_one_engine/notebook.ipynb",
        "07_get_db/bank.py",
        "07_get_db/exercise.py",
        "07_get_db/notebook.ipynb",
        "16_async_session/exercise.py",
        "16_async_session/notebook.ipynb",
    ]
    assert found["07_get_db/exercise.py"] == lesson.starter.read_bytes()
    assert found["07_get_db/notebook.ipynb"] == lesson.notebook.read_bytes()
    assert found["07_get_db/bank.py"] == b"RATE = 3\n"
    assert len(laid.added) == 7
    assert submission(lesson, course / "work") in laid.added
    assert notebook(lesson, course / "work") in laid.added


def test_laying_again_changes_nothing(course, work):
    """Each command may lay the folder."""
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*")}
    laid = lay(course, work)
    assert (laid.added, laid.refreshed, laid.outdated) == ((), (), ())
    assert {path: path.stat().st_mtime_ns for path in work.rglob("*")} == before


def test_laying_touches_no_file_of_the_course(course):
    """The course is read-only, the work is the learner's."""
    before = files(course)
    lay(course, course / "work")
    assert {name: data for name, data in files(course).items() if not name.startswith("work/")} == before


def test_the_work_folders_own_notes_are_not_for_git(work):
    """In a repository of the learner's, `.sessionlab` ignores itself."""
    assert (private(work) / ".gitignore").read_text() == "*\n"


def test_nothing_that_exists_is_overwritten(course, lesson):
    """Not a file that the learner made before the first laying, either."""
    mine = write(course / "work" / "07_get_db" / "exercise.py", b"\xff mine")
    laid = lay(course, course / "work")
    assert mine.read_bytes() == b"\xff mine"
    assert mine not in laid.added + laid.refreshed + laid.outdated


def test_a_new_lesson_appears_on_the_next_call(course, work):
    """An update of the course brings its lessons, and says which files came."""
    add_lesson(course, "08_new")
    assert lay(course, work).added == (work / "08_new" / "exercise.py", work / "08_new" / "notebook.ipynb")


def test_a_deleted_file_comes_back(course, work, lesson):
    """Deleting the notebook is the way to a fresh one."""
    notebook(lesson, work).unlink()
    assert lay(course, work).added == (notebook(lesson, work),)


def test_a_lesson_in_the_making_is_laid_as_far_as_it_goes(course):
    """A lesson without notebook or starter stops nobody."""
    (course / "notebooks" / "07_get_db.ipynb").unlink()
    (course / "lessons" / "07_get_db" / "exercise.py").unlink()
    lay(course, course / "work")
    assert sorted(path.name for path in (course / "work" / "07_get_db").iterdir()) == ["bank.py"]


def test_an_untouched_exercise_follows_the_course(course, work, lesson):
    """The learner has not begun: the new starter takes the old one's place, and no backup is left."""
    new = update(course, "# TODO: new\n")
    assert untouched(lesson, work)
    assert lay(course, work).refreshed == (submission(lesson, work),)
    assert submission(lesson, work).read_bytes() == new
    assert backups(work) == []
    assert lay(course, work).refreshed == ()


def test_an_edited_exercise_is_kept_and_said_to_be_outdated(course, work, lesson):
    """The learner's file stays, and each laying says that the course has moved on, until a reset."""
    mine = write(submission(lesson, work), "mine = 1\n")
    assert lay(course, work).outdated == ()
    new = update(course, "# TODO: new\n")
    assert lay(course, work).outdated == (mine,)
    assert lay(course, work).outdated == (mine,)
    assert mine.read_text() == "mine = 1\n"
    reset(lesson, work)
    assert mine.read_bytes() == new
    assert lay(course, work).outdated == ()


def test_given_files_and_notebooks_follow_the_course_too(course, work, lesson):
    """As long as the learner has not changed them."""
    write(course / "lessons" / "07_get_db" / "bank.py", "RATE = 4\n")
    write(lesson.notebook, "{}")
    write(notebook(lesson, work), '{"mine": 1}')
    laid = lay(course, work)
    assert laid.refreshed == (work / "07_get_db" / "bank.py",)
    assert laid.outdated == (notebook(lesson, work),)


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b"\xff", b'{"07_get_db/exercise.py": 3}', None])
def test_a_lost_or_damaged_record_only_means_that_nothing_is_refreshed(course, work, lesson, record):
    """`.sessionlab` may be thrown away: the learner's files are then all taken for the learner's."""
    path = private(work) / "laid.json"
    path.unlink() if record is None else path.write_bytes(record)
    old = submission(lesson, work).read_bytes()
    update(course, "# TODO: new\n")
    lay(course, work)
    assert submission(lesson, work).read_bytes() == old


def test_a_save_while_the_starter_is_refreshed_is_kept(course, work, lesson, monkeypatch):
    """What an editor wrote between the look and the move lies in the backups."""
    from sessionlab.course import work as module

    real = module.swap

    def saved_just_before(path: Path, data: bytes, folder: Path) -> Path | None:
        path.write_bytes(b"saved meanwhile")
        return real(path, data, folder)

    monkeypatch.setattr(module, "swap", saved_just_before)
    update(course, "# TODO: new\n")
    lay(course, work)
    assert backups(work) == [b"saved meanwhile"]


def test_init_lays_a_folder_anywhere(course, tmp_path):
    """A new folder, with those above it, and the mark that leads back to the course."""
    laid = init(course, tmp_path / "a" / "b")
    assert len(laid.added) == 7
    assert laid_from(tmp_path / "a" / "b") == course


def test_init_takes_a_folder_that_has_something_in_it(course, tmp_path):
    """Nothing there is changed, not even where the names meet."""
    write(tmp_path / "mine" / "notes.txt", "notes")
    write(tmp_path / "mine" / "07_get_db" / "exercise.py", "mine")
    init(course, tmp_path / "mine")
    found = files(tmp_path / "mine")
    assert (found["notes.txt"], found["07_get_db/exercise.py"]) == (b"notes", b"mine")


def test_init_understands_a_quoted_tilde_and_a_relative_folder(course, tmp_path, monkeypatch):
    """The mark holds an absolute path in any case."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    init(Path("course"), Path("~") / "mine")
    init(course, Path("other"))
    assert laid_from(tmp_path / "mine") == laid_from(tmp_path / "other") == course


@pytest.mark.parametrize("name", ["lessons", "lessons/07_get_db", "src/new", ".", "work/../checks", "other"])
def test_init_refuses_a_folder_among_the_courses_own(course, name):
    """The course stays as it was fetched; nothing is written before the refusal."""
    before = files(course)
    with pytest.raises(WrongUse) as caught:
        init(course, course / name)
    assert "stays as it is fetched" in caught.value.fact
    assert str(course / "work") in caught.value.hint
    assert files(course) == before


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_init_sees_through_a_link_into_the_course(course, tmp_path):
    """What counts is where the folder lies."""
    (tmp_path / "link").symlink_to(course / "lessons")
    with pytest.raises(WrongUse, match="stays as it is fetched"):
        init(course, tmp_path / "link")


def test_the_work_folder_from_the_environment_is_refused_there_as_well(course):
    """`lay` looks for itself: SESSIONLAB_WORK may name anything."""
    with pytest.raises(WrongUse, match="stays as it is fetched"):
        lay(course, course / "solutions")


def test_init_refuses_what_is_no_folder(course, tmp_path):
    """A file, and a path below a file."""
    path = write(tmp_path / "file", "mine")
    with pytest.raises(WrongUse, match="file, not a folder"):
        init(course, path)
    with pytest.raises(WrongUse, match="is not a folder"):
        init(course, path / "below")
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["07_get_db", ".sessionlab"])
def test_a_file_where_a_folder_belongs_is_named(course, name):
    """The error names the file and the way out, and the file stays."""
    path = write(course / "work" / name, "mine")
    with pytest.raises(WrongUse, match=f"{name}.* is not a folder") as caught:
        lay(course, course / "work")
    assert "rename it" in caught.value.hint
    assert path.read_text() == "mine"


def test_a_folder_where_a_file_belongs_is_named(course, work, lesson):
    """For laying and for a reset."""
    submission(lesson, work).unlink()
    write(submission(lesson, work) / "inner", "mine")
    with pytest.raises(WrongUse, match=r"exercise\.py is a folder"):
        lay(course, work)
    with pytest.raises(WrongUse, match=r"exercise\.py can't be written: it is a folder"):
        reset(lesson, work)
    assert (submission(lesson, work) / "inner").read_text() == "mine"


@pytest.fixture
def as_nobody():
    """Run as a user whom permissions bind; yields a folder that this user can enter."""
    if sys.platform == "win32":
        pytest.skip("POSIX permissions")
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        if is_root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            for path in folder.rglob("*"):
                if path.is_dir():
                    path.chmod(0o777)


def test_a_read_only_place_is_said_to_be(as_nobody):
    """No permission to make the work folder: the reason, and `init` as the way out."""
    course = make_course(as_nobody / "course")
    course.chmod(0o555)
    with pytest.raises(WrongUse) as caught:
        lay(course, course / "work")
    assert "you have no permission to" in caught.value.fact
    assert "sessionlab init DIR" in caught.value.hint


def test_a_read_only_work_folder_is_said_to_be(as_nobody):
    """Neither laying nor a reset changes anything, and both say why."""
    course = make_course(as_nobody / "course")
    lesson = find_lesson(course, "07")
    lay(course, course / "work")
    mine = write(submission(lesson, course / "work"), "mine")
    mine.parent.chmod(0o555)
    add_lesson(course, "08_new")
    (course / "work").chmod(0o555)
    for attempt in (lambda: lay(course, course / "work"), lambda: reset(lesson, course / "work")):
        with pytest.raises(WrongUse, match="you have no permission to"):
            attempt()
    assert mine.read_text() == "mine"
    assert backups(course / "work") == []


def test_an_exercise_that_cannot_be_read_is_left_alone(as_nobody):
    """Laying passes it by, and a reset moves it away as it is."""
    course = make_course(as_nobody / "course")
    lesson = find_lesson(course, "07")
    lay(course, course / "work")
    mine = write(submission(lesson, course / "work"), "mine")
    mine.chmod(0)
    assert lay(course, course / "work").added == ()
    backup = reset(lesson, course / "work")
    backup.chmod(0o600)
    assert backup.read_text() == "mine"


def test_a_read_only_course_is_laid_as_files_that_can_be_written(as_nobody):
    """The learner can edit a copy of a file that is read-only."""
    course = make_course(as_nobody / "course")
    for path in (course / "lessons").rglob("*.py"):
        path.chmod(0o444)
    lay(course, course / "work")
    assert submission(find_lesson(course, "07"), course / "work").stat().st_mode & stat.S_IWUSR


def test_a_reset_writes_the_starter_and_returns_the_backup(work, lesson):
    """The learner's file lies in the backups, named after the time."""
    write(submission(lesson, work), "mine = 1\n")
    backup = reset(lesson, work)
    assert backup.parent == private(work) / "backups" / "07_get_db"
    assert backup.name.endswith("-exercise.py")
    assert backup.read_text() == "mine = 1\n"
    assert submission(lesson, work).read_bytes() == lesson.starter.read_bytes()


@pytest.mark.parametrize(
    "mine", [b"", b"\xff\xfe\0", b"a\r\nb", b"x" * 1_000_000], ids=["empty", "bytes", "CRLF", "big"]
)
def test_a_backup_is_byte_for_byte_what_was_there(work, lesson, mine):
    """Also what is no Python, no text, or nothing."""
    write(submission(lesson, work), mine)
    assert reset(lesson, work).read_bytes() == mine


def test_a_read_only_exercise_can_be_reset(work, lesson):
    """It is moved as it is."""
    write(submission(lesson, work), "mine").chmod(0o444)
    assert reset(lesson, work).read_text() == "mine"
    assert submission(lesson, work).read_bytes() == lesson.starter.read_bytes()


def test_resets_within_one_second_keep_every_version(work, lesson):
    """No backup takes another's place."""
    for number in range(5):
        write(submission(lesson, work), f"mine = {number}\n")
        reset(lesson, work)
    assert backups(work) == [f"mine = {number}\n".encode() for number in range(5)]


def test_a_reset_of_what_is_fresh_keeps_nothing(work, lesson):
    """There is nothing to lose, and no backup of a starter to wonder about."""
    assert reset(lesson, work) is None
    assert backups(work) == []


def test_a_reset_brings_back_what_was_deleted(course, lesson):
    """The file, its folder, or the whole work folder."""
    assert reset(lesson, course / "work") is None
    assert untouched(lesson, course / "work")
    assert submission(lesson, course / "work").is_file()


def test_a_reset_renews_given_files_and_leaves_the_notebook(work, lesson):
    """A changed given file is backed up as well; the notebook is no part of the exercise."""
    write(work / "07_get_db" / "bank.py", "RATE = 0\n")
    write(notebook(lesson, work), '{"mine": 1}')
    assert reset(lesson, work) is None
    assert (work / "07_get_db" / "bank.py").read_bytes() == b"RATE = 3\n"
    assert backups(work) == [b"RATE = 0\n"]
    assert notebook(lesson, work).read_text() == '{"mine": 1}'


def test_a_reset_without_a_starter_touches_nothing(work, lesson):
    """The course is damaged, not the learner's file."""
    write(submission(lesson, work), "mine")
    lesson.starter.unlink()
    with pytest.raises(WrongUse, match="no starter for 07_get_db"):
        reset(lesson, work)
    assert submission(lesson, work).read_text() == "mine"


def test_an_exercise_counts_as_untouched_until_it_is_edited(work, lesson):
    """Line ends alone are no edit; a missing file is none, either."""
    path = submission(lesson, work)
    assert untouched(lesson, work)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert untouched(lesson, work)
    path.write_bytes(path.read_bytes() + b"#")
    assert not untouched(lesson, work)
    path.unlink()
    assert untouched(lesson, work)


def _lay_many(course: Path, work: Path, barrier: object, results: object) -> None:
    for _ in range(5):
        barrier.wait(60)
        results.put(len(lay(course, work).added))


def test_two_processes_may_lay_one_folder_at_once(course):
    """Every file is added by exactly one of them, whole, and no draft stays behind."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=_lay_many, args=(course, course / "work", barrier, results)) for _ in "ab"
    ]
    for process in processes:
        process.start()
    added = [results.get(timeout=60) for _ in range(10)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert sum(added) == 7
    assert [name for name in files(course / "work") if name.endswith(".tmp")] == []
    assert lay(course, course / "work").added == ()
