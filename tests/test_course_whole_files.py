"""Files are written whole or not at all, and what stands in the way is never lost."""

import errno
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from sessionlab.course import whole_files
from sessionlab.course.errors import WrongUse
from sessionlab.course.whole_files import create, make_folder, put_aside, replace, swap


def files(folder: Path) -> dict[str, bytes]:
    """Every file in and below a folder, with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def refuse(monkeypatch, target: object, name: str, code: int) -> None:
    """Let a call fail as the system would."""

    def refused(*_args: object, **_kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(target, name, refused)


def test_create_writes_a_file_that_is_not_there(tmp_path):
    """The content is there, and nothing else."""
    assert create(tmp_path / "a", b"1") is True
    assert files(tmp_path) == {"a": b"1"}


def test_create_changes_nothing_that_is_there(tmp_path):
    """A file and a folder hold their names."""
    (tmp_path / "a").write_bytes(b"mine")
    (tmp_path / "b").mkdir()
    assert [create(tmp_path / name, b"1") for name in "ab"] == [False, False]
    assert files(tmp_path) == {"a": b"mine"}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_create_does_not_write_through_a_dangling_link(tmp_path):
    """What the link points to may be anywhere."""
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    assert create(tmp_path / "a", b"1") is False
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_of_many_that_create_one_file_exactly_one_does(tmp_path, monkeypatch, links):
    """The others are told so, and the content is that of the winner."""
    if not links:
        refuse(monkeypatch, os, "link", errno.EOPNOTSUPP)
        refuse(monkeypatch, os, "rename", errno.EOPNOTSUPP)
    barrier = threading.Barrier(8)
    won: list[int] = []

    def run(number: int) -> None:
        barrier.wait()
        if create(tmp_path / "a", b"%d" % number):
            won.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert files(tmp_path) == {"a": b"%d" % won[0]}


def test_replace_leaves_the_old_file_whole_when_it_fails(tmp_path, monkeypatch):
    """Up to the last step the old file stands, and no draft stays behind."""
    replace(tmp_path / "a", b"old")
    with monkeypatch.context() as patch:
        refuse(patch, os, "replace", errno.ENOSPC)
        with pytest.raises(WrongUse, match="the disk is full"):
            replace(tmp_path / "a", b"new")
    assert files(tmp_path) == {"a": b"old"}
    replace(tmp_path / "a", b"new")
    assert files(tmp_path) == {"a": b"new"}


def test_a_new_file_has_the_mode_that_new_files_get(tmp_path):
    """Others may read it as they may read any file of this user."""
    (tmp_path / "plain").write_bytes(b"")
    create(tmp_path / "a", b"")
    replace(tmp_path / "b", b"")
    wanted = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"] == [wanted, wanted]


def test_swap_keeps_what_was_there(tmp_path):
    """The old content lies in the folder of backups, under the file's name with the time before it."""
    (tmp_path / "a.py").write_bytes(b"\xff\r\nmine\0")
    backup = swap(tmp_path / "a.py", b"new", tmp_path / "kept")
    assert backup is not None
    assert backup.parent == tmp_path / "kept"
    assert backup.name.endswith("-a.py")
    assert files(tmp_path) == {"a.py": b"new", f"kept/{backup.name}": b"\xff\r\nmine\0"}


def test_swap_without_a_file_only_writes(tmp_path):
    """There is nothing to keep, and no folder of backups is made."""
    assert swap(tmp_path / "a", b"new", tmp_path / "kept") is None
    assert files(tmp_path) == {"a": b"new"}
    assert not (tmp_path / "kept").exists()


def test_backups_of_one_second_all_have_names_of_their_own(tmp_path):
    """Nine in a row, and their names sort in the order of time."""
    made = []
    for number in range(9):
        (tmp_path / "a").write_bytes(b"%d" % number)
        made.append(put_aside(tmp_path / "a", tmp_path / "kept"))
    assert [path.read_bytes() for path in sorted(made)] == [b"%d" % number for number in range(9)]


def test_backups_made_at_once_all_have_names_of_their_own(tmp_path):
    """Eight threads put eight files of one name aside, and eight backups stand."""
    barrier = threading.Barrier(8)

    def run(number: int) -> None:
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "a").write_bytes(b"%d" % number)
        barrier.wait()
        put_aside(tmp_path / str(number) / "a", tmp_path / "kept")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(files(tmp_path / "kept").values()) == [b"%d" % number for number in range(8)]


def test_what_an_editor_saves_during_a_swap_is_kept_too(tmp_path, monkeypatch):
    """A save between the two steps of a swap is put aside as well, not overwritten."""
    path = tmp_path / "a"
    path.write_bytes(b"first")
    place = whole_files._place
    saves = iter([b"saved meanwhile"])

    def saved_just_before(draft: Path, target: Path) -> bool:
        for data in saves:
            target.write_bytes(data)
        return place(draft, target)

    monkeypatch.setattr(whole_files, "_place", saved_just_before)
    backup = swap(path, b"new", tmp_path / "kept")
    assert path.read_bytes() == b"new"
    assert sorted(files(tmp_path / "kept").values()) == [b"first", b"saved meanwhile"]
    assert backup.read_bytes() == b"saved meanwhile"


def test_two_swaps_at_once_lose_nothing(tmp_path):
    """Each of many rivals either keeps what it found or finds nothing; every content is somewhere."""
    path = tmp_path / "a"
    path.write_bytes(b"mine")
    barrier = threading.Barrier(6)

    def run(number: int) -> None:
        barrier.wait()
        swap(path, b"%d" % number, tmp_path / "kept")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(files(tmp_path).values()) == [*(b"%d" % number for number in range(6)), b"mine"]


def test_a_full_disk_is_noticed_before_anything_is_moved(tmp_path, monkeypatch):
    """The new content is written out first: if that fails, the file stands where it stood."""
    (tmp_path / "a").write_bytes(b"mine")
    refuse(monkeypatch, Path, "open", errno.ENOSPC)
    with pytest.raises(WrongUse) as caught:
        swap(tmp_path / "a", b"new", tmp_path / "kept")
    monkeypatch.undo()
    assert "the disk is full" in caught.value.fact
    assert "make room" in caught.value.hint
    assert files(tmp_path) == {"a": b"mine"}


def test_a_backup_on_another_disk_is_copied(tmp_path, monkeypatch):
    """Where a file can't be moved across, its content is, and only then is it removed."""
    (tmp_path / "a").write_bytes(b"mine")
    refuse(monkeypatch, os, "replace", errno.EXDEV)
    backup = put_aside(tmp_path / "a", tmp_path / "kept")
    assert files(tmp_path) == {f"kept/{backup.name}": b"mine"}


def test_a_backup_that_fails_leaves_the_file_and_no_empty_backup(tmp_path, monkeypatch):
    """A refusal between the two leaves things as they were."""
    (tmp_path / "a").write_bytes(b"mine")
    refuse(monkeypatch, os, "replace", errno.EACCES)
    with pytest.raises(WrongUse, match="no permission"):
        put_aside(tmp_path / "a", tmp_path / "kept")
    assert files(tmp_path) == {"a": b"mine"}


def test_a_file_that_another_process_moved_first_is_no_backup(tmp_path, monkeypatch):
    """None is returned, and no empty file stays in its place."""
    (tmp_path / "a").write_bytes(b"mine")
    refuse(monkeypatch, os, "replace", errno.ENOENT)
    assert put_aside(tmp_path / "a", tmp_path / "kept") is None
    assert files(tmp_path / "kept") == {}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_the_file_behind_a_link_stays_where_it_is(tmp_path):
    """The backup holds its content; a relative link, moved, would have pointed nowhere."""
    (tmp_path / "elsewhere").write_bytes(b"mine")
    (tmp_path / "a").symlink_to("elsewhere")
    backup = swap(tmp_path / "a", b"new", tmp_path / "kept" / "deep")
    assert not backup.is_symlink()
    assert backup.read_bytes() == b"mine"
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"
    assert (tmp_path / "a").read_bytes() == b"new"
    assert not (tmp_path / "a").is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_dangling_link_is_put_aside_as_it_is(tmp_path):
    """It holds nothing but where it pointed to."""
    (tmp_path / "a").symlink_to("nowhere")
    backup = swap(tmp_path / "a", b"new", tmp_path / "kept")
    assert os.readlink(backup) == "nowhere"
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_name_that_is_taken_is_named(tmp_path):
    """A folder where a file should be, a file where a folder should be, and one further up."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WrongUse, match="folder can't be written: it is a folder"):
        swap(tmp_path / "folder", b"", tmp_path / "kept")
    with pytest.raises(WrongUse, match="folder can't be written: it is a folder"):
        replace(tmp_path / "folder", b"")
    with pytest.raises(WrongUse, match="file can't be written: it is not a folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(WrongUse, match=r"b can't be written: .*file is not a folder"):
        make_folder(tmp_path / "file" / "a" / "b")
    with pytest.raises(WrongUse, match="file is not a folder") as caught:
        create(tmp_path / "file" / "a", b"")
    assert "rename it" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "you have no permission to"),
        (errno.EPERM, "you have no permission to"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_refusal_says_why_and_names_the_way_out(tmp_path, monkeypatch, code, reason):
    """The system's reason in words, and a work folder elsewhere as the way out."""
    refuse(monkeypatch, Path, "open", code)
    with pytest.raises(WrongUse) as caught:
        replace(tmp_path / "a", b"")
    assert caught.value.fact == f"{tmp_path / 'a'} can't be written: {reason}."
    assert "sessionlab init DIR" in caught.value.hint
