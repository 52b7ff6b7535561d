"""What is damaged, killed, stopped or full: a clear error where there must be one, and a clean recovery."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from functools import partial

import psutil
import psycopg
import pytest
from postgres_runs import Run, keepers, none_left, place_in, postmaster, removed, temp_folder, until

from sessionlab.databases.postgres import PostgresError, connection, lease
from sessionlab.databases.postgres.process import ended
from sessionlab.databases.postgres.server_folder import server_user
from sessionlab.databases.postgres.url import for_libpq

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills by the signals of POSIX")


@pytest.fixture(scope="module")
def temp():
    with temp_folder() as folder:
        with lease():
            pass
        yield folder


@pytest.fixture(autouse=True)
def _nothing_runs(temp):
    yield
    assert none_left(temp)


def answers(url: str) -> bool:
    with psycopg.connect(for_libpq(url)) as connected:
        return connected.execute("SELECT 1").fetchone() == (1,)


def age(folder) -> float:
    """When the data folder was made: one that was made anew is younger."""
    return (place_in(folder).data / "PG_VERSION").stat().st_mtime


def test_a_server_killed_under_us_is_named(temp):
    """`kill -9` of the server: asked, the lease says that PostgreSQL went away, and what to do."""
    with lease() as server:
        postmaster(temp).kill()
        with pytest.raises(PostgresError, match="went away while it was in use") as caught:
            server.check()
        assert "\n\nhint: run this again" in str(caught.value)


def test_what_its_processes_share_goes_with_its_folder(temp):
    """Killed, a server leaves its shared memory where it lies: in its folder, which can be removed."""
    with lease() as server:
        assert list((place_in(temp).data / "pg_dynshmem").glob("mmap.*"))
        postmaster(temp).kill()
        with pytest.raises(PostgresError):
            server.check()


def test_after_a_kill_the_same_lease_makes_its_next_database(temp):
    """The next database of the lease starts the server again, and what was committed before is there."""
    with lease() as server, server.database() as template:
        with psycopg.connect(for_libpq(template)) as connected:
            connected.execute("CREATE TABLE account (id int)")
        killed = postmaster(temp)
        killed.kill()
        with server.database(template) as url, psycopg.connect(for_libpq(url)) as connected:
            assert connected.execute("SELECT count(*) FROM account").fetchone() == (0,)
        assert postmaster(temp) != killed


def test_after_a_kill_the_next_run_starts_a_server(temp):
    """Another run comes while the first still believes in its server."""
    with lease():
        postmaster(temp).kill()
        run = Run()
        assert answers(run.database())
        assert run.leave() == 0


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only there a backend's title names its server"
)
def test_a_busy_backend_of_a_killed_server_is_ended(temp):
    """It computes, and does not notice that its server is gone: no new one could start on the same data."""
    began = age(temp)
    with lease() as server, server.database() as url:
        busy = psycopg.connect(for_libpq(url))
        backend = busy.info.backend_pid
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 4000000000)")
        assert until(lambda: psutil.Process(backend).cpu_percent(0.05) > 10)
        postmaster(temp).kill()
        with lease() as other:
            other.check()
        assert ended(backend)
        busy.close()
    assert age(temp) == began, "the data folder was whole: it should have been kept"


def test_a_stale_pid_file_of_a_living_process_is_seen_through(temp):
    """Its number is another program's by now: that one is left alone, and a server starts all the same."""
    other = subprocess.Popen(
        ["/bin/cat"],
        stdin=subprocess.PIPE,
        cwd="/",
        **server_user(),
    )
    began = age(temp)
    place = place_in(temp)
    lines = [other.pid, place.data, 1712346200, 5432, place.sockets, "", "  8826964     65536", "ready", ""]
    (place.data / "postmaster.pid").write_text("\n".join(map(str, lines)))
    with lease() as server:
        server.check()
        assert postmaster(temp).pid != other.pid
        assert other.poll() is None
    assert age(temp) == began, "the data folder was whole: it should have been kept"
    other.communicate(b"\n")


@pytest.mark.parametrize("content", ["", "not a number\n", "4194305\n"])
def test_a_pid_file_of_any_content_is_seen_through(temp, content):
    """Cut short, scribbled over, or of a process that is long gone."""
    (place_in(temp).data / "postmaster.pid").write_text(content)
    with lease() as server:
        server.check()


def test_a_server_that_hangs_is_replaced(temp, monkeypatch):
    """Its process is there and takes connections, but never answers."""
    monkeypatch.setattr(connection, "_TIMEOUT", 2)
    with lease():
        hung = postmaster(temp)
        hung.suspend()
        with lease() as server:
            server.check()
            assert postmaster(temp) != hung


def test_a_server_that_starts_up_is_waited_for(temp):
    """One backend was killed: the server ends all others and recovers, and nobody takes that for its end."""
    with lease() as server:
        began = postmaster(temp)
        with psycopg.connect(for_libpq(server.url)) as victim:
            os.kill(victim.info.backend_pid, 9)
            with lease() as other:
                other.check()
        assert postmaster(temp) == began


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control", "base", "pg_wal", "postgresql.conf"])
def test_a_damaged_data_folder_is_made_anew(temp, lost):
    """Something took a part of it away: a server runs all the same, on data made anew."""
    path = place_in(temp).data / lost
    path.rename(path.with_name("taken"))
    with lease() as server, server.database() as url:
        assert answers(url)
    assert not list(place_in(temp).data.rglob("taken"))


def test_a_lost_password_is_made_anew(temp):
    """The data folder's password is lost, or another's: no lock-out for good."""
    place_in(temp).secret.write_text("another")
    with lease() as server:
        server.check()


def test_a_data_folder_of_yesterday_is_made_anew(temp):
    """Cleaners of temp folders take single files: what is older than a day is not trusted."""
    yesterday = time.time() - 86_401
    os.utime(place_in(temp).data / "PG_VERSION", (yesterday, yesterday))
    with lease():
        assert age(temp) > yesterday + 3600


def test_a_data_folder_of_today_is_kept(temp):
    """A restart is a start on the same data: making them takes ten times as long."""
    began = age(temp)
    with lease():
        assert age(temp) == began


def test_altered_settings_do_not_outlive_the_server(temp):
    """An `ALTER SYSTEM` of one lesson is no other lesson's trap."""
    with lease() as server, psycopg.connect(for_libpq(server.url), autocommit=True) as connected:
        connected.execute("ALTER SYSTEM SET max_connections = 5")
        connected.execute("ALTER SYSTEM SET fsync = on")
    with lease() as server, psycopg.connect(for_libpq(server.url)) as connected:
        assert connected.execute("SHOW max_connections").fetchone() == ("100",)
        assert connected.execute("SHOW fsync").fetchone() == ("off",)


def test_a_removed_folder_leaves_no_server():
    """Somebody empties the temp folder under a running server: it ends with its lease."""
    with temp_folder() as fresh:
        with lease():
            server = postmaster(fresh)
            assert until(partial(removed, place_in(fresh).folder))
        assert ended(server.pid)
        assert none_left(fresh)
        with lease() as server:
            server.check()


def test_a_removed_folder_leaves_no_server_of_a_killed_user():
    """The folder is gone, then the user: the keeper ends what is left."""
    with temp_folder() as fresh:
        run = Run()
        run.database()
        assert until(lambda: keepers(fresh))
        assert until(partial(removed, place_in(fresh).folder))
        run.kill()
        assert none_left(fresh)


def test_all_connections_taken_is_named(temp):
    """A lesson that leaks holds all of them: the error says so, and the server is not taken for hung."""
    with lease() as server:
        held, began = [], postmaster(temp)
        with suppress(psycopg.OperationalError):
            while len(held) < 200:
                held.append(psycopg.connect(for_libpq(server.url)))
        assert len(held) < 200
        with pytest.raises(PostgresError, match="no further connection"), lease():
            pass
        for one in held:
            one.close()
        assert postmaster(temp) == began


@contextmanager
def small_disk(folder, megabytes: int):
    """Mount a disk of its own on `folder`."""
    size = f"size={megabytes}m,mode=1777"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"a full disk is a mounted one, which this user may not mount: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def resize(folder, megabytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(folder)], check=True)


def fill(folder):
    """Take what room is left; return the file that took it."""
    path = folder / "everything"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while shutil.disk_usage(folder).free:
            file.write(bytes(1 << 16))
    return path


FULL = r"No space left|The disk is full"
mounted = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="only root on Linux mounts a small disk"
)


@mounted
@pytest.mark.parametrize("megabytes", [1, 10, 20])
def test_a_disk_too_small_to_set_up_is_named(megabytes):
    """No room for the data folder: the error says so, nothing half-made stays, and room brings it to life."""
    with temp_folder() as fresh, small_disk(fresh, megabytes):
        with (
            pytest.raises(PostgresError, match=r"cannot be (set up|started).*\nThe disk is full") as caught,
            lease(),
        ):
            pass
        assert f"hint: free about 100 MB on the disk of {fresh}" in str(caught.value)
        assert none_left(fresh)
        assert not list(place_in(fresh).folder.glob("data*"))
        assert not (place_in(fresh).folder / "password").exists()
        resize(fresh, 300)
        with lease() as server:
            server.check()
        assert none_left(fresh)


@mounted
def test_a_disk_full_to_the_last_byte_is_named():
    """Not even a lock file's folder can be made."""
    with temp_folder() as fresh, small_disk(fresh, 1):
        everything = fill(fresh)
        with pytest.raises(PostgresError, match=FULL), lease():
            pass
        everything.unlink()
        resize(fresh, 300)
        with lease() as server:
            server.check()
        assert none_left(fresh)


@mounted
def test_a_disk_that_fills_between_two_runs_is_named():
    """The data folder is there, but the server cannot start: room brings it back."""
    with temp_folder() as fresh, small_disk(fresh, 300):
        with lease():
            pass
        began, everything = age(fresh), fill(fresh)
        with (
            pytest.raises(PostgresError, match=FULL),
            lease() as server,
            server.database(),
        ):
            pass
        everything.unlink()
        with lease() as server, server.database() as url:
            assert answers(url)
        assert age(fresh) == began, "the data were whole: they should have been kept"
        assert none_left(fresh)


@mounted
def test_a_disk_that_fills_during_a_run_is_named():
    """No database can be made: the error is PostgreSQL's own, with what to do; room brings the lease back."""
    with temp_folder() as fresh, small_disk(fresh, 300):
        with lease() as server, server.database() as kept:
            everything = fill(fresh)
            with (
                pytest.raises(PostgresError, match=FULL) as caught,
                server.database(),
            ):
                pass
            assert "hint: free " in str(caught.value)
            everything.unlink()
            with server.database() as url:
                assert answers(url)
            assert answers(kept)
        assert none_left(fresh)
