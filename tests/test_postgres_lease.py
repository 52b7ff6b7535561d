"""Who starts the embedded PostgreSQL, who shares it, and who stops it, however its users end."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from urllib.parse import urlsplit

import psycopg
import pytest
from postgres_runs import (
    DEADLINE,
    Run,
    keepers,
    none_left,
    place_in,
    postmaster,
    programs,
    temp_folder,
    until,
)
from psycopg.conninfo import conninfo_to_dict

from sessionlab.databases.postgres import lease, process
from sessionlab.databases.postgres.connection import NoAnswer, connect
from sessionlab.databases.postgres.process import ended
from sessionlab.databases.postgres.url import database_of, for_libpq

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills by the signals of POSIX")


@pytest.fixture(scope="module")
def temp():
    with temp_folder() as folder:
        yield folder


@pytest.fixture(autouse=True)
def _nothing_runs(temp):
    yield
    assert none_left(temp)


def come_and_go() -> None:
    with lease():
        pass


def databases(server) -> set[str]:
    with psycopg.connect(for_libpq(server.url)) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_leased_server_answers(temp):
    """What is leased takes connections, and names its version as it does itself."""
    with lease() as server, psycopg.connect(for_libpq(server.url)) as connection:
        assert connection.execute("SHOW server_version").fetchone() == (server.version,)


def test_the_server_is_gone_once_the_last_user_gave_it_back(temp):
    """When the `with` ends, the server has stopped: nothing has to be waited for."""
    with lease():
        server = postmaster(temp)
    assert ended(server.pid)


def test_runs_that_start_at_once_share_one_server(temp):
    """Four processes that find no server start one between them, each with a database of its own."""
    runs = [Run() for _ in range(4)]
    urls = [run.database() for run in runs]
    servers = [process for process in programs(temp, "postgres") if "-D" in process.info["cmdline"]]
    assert len(set(urls)) == 4
    assert [server.pid for server in servers] == [postmaster(temp).pid]
    assert [run.leave() for run in runs] == [0] * 4


def test_the_server_stays_while_somebody_uses_it(temp):
    """The run that started it leaves: the other works on."""
    first = Run()
    first.database()
    with lease() as server:
        began = postmaster(temp)
        assert first.leave() == 0
        assert postmaster(temp) == began
        server.check()


def test_two_leases_in_one_process_count_as_two(temp):
    """The inner lease's end stops nothing, whether it was taken by this thread or another."""
    with lease() as outer:
        with lease():
            pass
        outer.check()
        thread = threading.Thread(target=come_and_go)
        thread.start()
        thread.join(DEADLINE)
        outer.check()


def test_a_killed_users_server_stops_without_anybody_coming(temp):
    """The last user is killed by SIGKILL, and no further run is needed to stop the server."""
    run = Run()
    run.database()
    server = postmaster(temp)
    run.kill()
    assert none_left(temp), f"{server} is still there"


def test_a_killed_user_takes_nothing_from_the_others(temp):
    """One of two is killed: the other's server and database stay."""
    killed = Run()
    killed.database()
    with lease() as server, server.database() as url:
        began = postmaster(temp)
        killed.kill()
        with lease(), psycopg.connect(for_libpq(url)) as connection:
            connection.execute("SELECT 1")
        assert postmaster(temp) == began


def test_a_killed_process_group_takes_no_others_server(temp):
    """A front end kills its judge with all its group: the server is not of that group."""
    killed = Run(start_new_session=True)
    killed.database()
    with lease() as server:
        began = postmaster(temp)
        killed.kill(group=True)
        server.check()
        assert postmaster(temp) == began


def test_a_killed_runs_database_is_dropped_by_the_next(temp):
    """What a killed run left goes; what a living run has stays."""
    killed, living = Run(), Run()
    orphaned, kept = database_of(killed.database()), database_of(living.database())
    killed.kill()
    with lease() as server:
        found = databases(server)
    assert orphaned not in found
    assert kept in found
    assert living.leave() == 0


@pytest.mark.parametrize("program", ["initdb", "postgres"])
def test_a_user_killed_in_mid_start_leaves_nothing(program):
    """Killed while `initdb` runs, or once `postgres` is there: all of it ends, and the next run starts."""
    with temp_folder() as fresh:
        run = Run()
        assert until(lambda: programs(fresh, program))
        run.kill()
        assert none_left(fresh)
        with lease() as server:
            server.check()


def test_no_keeper_is_needed_where_users_end_well(temp):
    """The keeper is killed: the last user stops the server by itself, and a later run has a keeper again."""
    with lease():
        (keeper,) = until(lambda: keepers(temp))
        keeper.kill()
    assert none_left(temp)
    run = Run()
    run.database()
    run.kill()
    assert none_left(temp)


def test_who_joins_a_server_without_keeper_begins_one(temp):
    """The keeper is killed, then a second user comes: both are killed, and the server still stops."""
    first = Run()
    first.database()
    (keeper,) = until(lambda: keepers(temp))
    keeper.kill()
    assert until(lambda: not keepers(temp))
    second = Run()
    second.database()
    first.kill()
    second.kill()
    assert none_left(temp)


def test_a_run_ends_for_its_reader_while_the_server_goes_on(temp):
    """Who reads a run's output to its end is not held up by the server and the keeper that the run began."""
    first, second = Run(stderr=subprocess.PIPE), None
    first.database()
    second = Run()
    second.database()
    assert first.process.communicate(timeout=DEADLINE) == ("", "")
    postmaster(temp)
    assert second.leave() == 0


def test_an_error_inside_a_lease_stops_the_server_too(temp):
    """The exception goes through, the server does not stay."""
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(ZeroDivisionError))
        stack.enter_context(lease())
        began = postmaster(temp)
        raise ZeroDivisionError
    assert ended(began.pid)


def test_an_interrupt_stops_the_server(temp):
    """Ctrl-C in a run: the run cleans up behind itself before it ends."""
    run = Run()
    run.database()
    run.process.send_signal(signal.SIGINT)
    run.process.wait(DEADLINE)
    assert not programs(temp, "postgres")


def test_only_who_knows_the_password_gets_in(temp):
    """The socket alone opens nothing, not even to the user who runs the server; asking again would not help."""
    with lease() as server:
        known = server.url.split("@")[0].rpartition(":")[2]
        assert len(known) == 32
        with pytest.raises(NoAnswer, match="password authentication failed") as caught:
            connect(server.url.replace(known, "guessed"), "test")
        assert (caught.value.final, caught.value.coming) == (True, False)


def test_the_servers_environment_holds_none_of_its_users_secrets(temp, monkeypatch):
    """A token in the environment of a run is not handed on to the server."""
    monkeypatch.setenv("SOME_TOKEN", "a-secret-value")
    with lease():
        assert "SOME_TOKEN" not in postmaster(temp).environ()


def test_the_users_own_libpq_variables_change_nothing(temp, monkeypatch):
    """PGPORT and its like point psql elsewhere, and not the course."""
    for name, value in {
        "PGPORT": "1",
        "PGHOST": "nowhere",
        "PGUSER": "no",
        "PGDATABASE": "no",
        "PGDATA": "/no",
    }.items():
        monkeypatch.setenv(name, value)
    with lease() as server, server.database() as url, psycopg.connect(for_libpq(url)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (database_of(url),)


def test_the_package_imports_neither_sqlalchemy_nor_psycopg():
    """A run that needs no PostgreSQL does not pay for it."""
    code = "import sys, sessionlab.databases.postgres; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "psycopg", "psutil", "filelock", "asyncio"} & set(shown.stdout.split())


@pytest.mark.parametrize("name", ['a b\'s "quoted" ü', "long" * 25])
def test_it_runs_in_a_temp_folder_of_any_name(name):
    """Blanks, quotes, letters of any language; with a path too long for a socket it listens on loopback."""
    from sqlalchemy import create_engine, text

    with temp_folder(prefix=name) as folder, lease() as server, server.database() as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_database()")) == database_of(url)
        engine.dispose()
        by_socket = place_in(folder).by_socket
        assert (urlsplit(url).hostname is None) == by_socket == name.startswith("a")


def test_loopback_asks_for_the_password_as_well():
    """Where the server listens on loopback, other users of the machine get to its port, and no further."""
    with temp_folder(prefix="long" * 25), lease() as server:
        known = conninfo_to_dict(for_libpq(server.url))
        assert known["host"] == "127.0.0.1"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(**known | {"password": "guessed"})


def test_a_server_started_by_pg_ctl_is_shared_and_stopped_alike(monkeypatch):
    """So it is started on Windows, on loopback: an administrator may not run `postgres` there."""
    monkeypatch.setattr(process, "start", process._started_by_pg_ctl)
    with temp_folder(prefix="long" * 25) as folder:
        with lease() as server, server.database() as url, lease():
            began = postmaster(folder)
            with psycopg.connect(for_libpq(url)) as connection:
                assert connection.execute("SHOW fsync").fetchone() == ("off",)
        assert ended(began.pid)


def test_asyncpg_reaches_it_by_the_same_url(temp):
    """The URL is one for SQLAlchemy: another driver's name in it, and that driver connects."""
    import asyncio

    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    from sessionlab.databases.postgres import with_driver

    async def name(url: str) -> str:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            found = await connection.scalar(text("SELECT current_database()"))
        await engine.dispose()
        return found

    with lease() as server, server.database() as url:
        assert asyncio.run(name(with_driver(url, "asyncpg"))) == database_of(url)
        assert asyncio.run(name(url)) == database_of(url)
