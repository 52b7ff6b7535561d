"""`sessionlab serve`: the learner's app answers on this machine alone, anew after each save, and leaves nothing."""

import socket
import sys

import httpx
import psutil
import pytest
from cli_course import ADDED, ADDING, command, environment, lay_course, sessionlab, write_exercise

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")

APP = """
import os
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import create_engine, text


@asynccontextmanager
async def lifespan(app):
    app.state.engine = create_engine(os.environ["DATABASE_URL"])
    with app.state.engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS visits (id INTEGER PRIMARY KEY)"))
    yield
    app.state.engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/")
def visit():
    with app.state.engine.begin() as connection:
        connection.execute(text("INSERT INTO visits DEFAULT VALUES"))
        return {"said": "HELLO", "visits": connection.scalar(text("SELECT count(*) FROM visits"))}
"""

ASYNC_APP = '''
import os

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine


def from_environment():
    """Return the app."""
    app = FastAPI()
    app.get("/")(lambda: str(create_async_engine(os.environ["DATABASE_URL"]).url))
    return app
'''


@pytest.fixture
def course(tmp_path):
    return lay_course(tmp_path / "course")


@pytest.fixture
def port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def served(course, port):
    """Start `sessionlab serve` in a terminal."""
    from terminal import Terminal

    started = []

    def start(*arguments):
        terminal = Terminal(command("serve", "01", "--port", str(port), *arguments), course, environment())
        started.append(terminal)
        terminal.wait_for("Application startup complete")
        return terminal

    yield start
    for terminal in started:
        assert not terminal.close()


def test_the_app_answers_anew_after_each_save(course, port, served):
    """The page of the second version is there after a save, on the same database, which lies beside the exercise."""
    write_exercise(course, APP)
    terminal = served()
    url = f"http://127.0.0.1:{port}/"
    assert httpx.get(url).json() == {"said": "HELLO", "visits": 1}
    write_exercise(course, APP.replace("HELLO", "GOODBYE"))
    terminal.wait_for("Application startup complete")
    assert httpx.get(url).json() == {"said": "GOODBYE", "visits": 2}
    assert (course / "work" / ADDING / "served.db").is_file()


def test_ctrl_c_leaves_nothing_behind(course, port, served):
    """The server and its reloader end, and the port is free again."""
    write_exercise(course, APP)
    terminal = served()
    terminal.press("\x03")
    terminal.ended()
    psutil.wait_procs(terminal.living(), timeout=30)
    assert not terminal.living()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/")


def test_fresh_begins_with_an_empty_database(course, port, served):
    """What was stored before is gone, and only with `--fresh`."""
    write_exercise(course, APP)
    for arguments, visits in ((), 1), ((), 2), (("--fresh",), 1):
        terminal = served(*arguments)
        assert httpx.get(f"http://127.0.0.1:{port}/").json()["visits"] == visits
        terminal.press("\x03")
        terminal.ended()


def test_only_this_machine_is_answered(course, port, served):
    """The server listens on the loopback address and on no other."""
    write_exercise(course, APP)
    terminal = served()
    terminal.look()
    listening = {
        connection.laddr.ip
        for process in [psutil.Process(terminal.pid), *terminal.living()]
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_an_async_app_gets_an_async_driver(course, port, served):
    """A file that imports sqlalchemy.ext.asyncio is given a URL that names aiosqlite."""
    write_exercise(course, ASYNC_APP)
    served()
    assert httpx.get(f"http://127.0.0.1:{port}/").json().startswith("sqlite+aiosqlite:///")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (ADDED, "has no app to run: it defines neither `app` nor"),
        ("app = (\n", "exercise.py, line 1: '(' was never closed"),
        (b"app = 1\0", "exercise.py"),
    ],
)
def test_an_exercise_without_an_app_is_wrong_use(course, source, said):
    """The error says what is missing or where the file does not parse; exit code 2."""
    write_exercise(course, source)
    done = sessionlab(course, "serve", "01")
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "hint:" in done.stderr


def test_a_port_that_is_taken_is_told(course):
    """The error names the port and the option that chooses another; exit code 2."""
    write_exercise(course, APP)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = sessionlab(course, "serve", "01", "--port", port)
    assert done.returncode == 2
    assert f"Port {port} can't be had" in done.stderr
    assert "--port" in done.stderr
