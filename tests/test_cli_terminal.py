"""The parts of the command line that need no process: prefixes, folding, saves, times, keys."""

import itertools
import os
import sys

import pytest

from sessionlab.cli import saves
from sessionlab.cli.saves import GONE, SAVED, Saves
from sessionlab.cli.terminal import keyboard, prefix
from sessionlab.cli.terminal.encoding import _ascii
from sessionlab.cli.terminal.screen import folded
from sessionlab.course.elapsed import ago

# --- how the user calls


@pytest.fixture
def called(tmp_path, monkeypatch):
    """Say what `sys.argv[0]` is, with an environment in the current folder, on PATH or not."""
    program = tmp_path / ".venv" / "bin" / "sessionlab"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    def call(argument: str, on_path: bool = False):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", str(program.parent) if on_path else os.defpath)
        monkeypatch.setattr(sys, "argv", [argument.format(bin=program.parent)])

    return call


@pytest.mark.parametrize(
    ("argument", "on_path", "shown"),
    [
        (".venv/bin/sessionlab", False, ".venv/bin/sessionlab check 07"),
        ("{bin}/sessionlab", False, ".venv/bin/sessionlab check 07"),
        ("{bin}/sessionlab", True, "sessionlab check 07"),
        (".venv/bin/sessionlab", True, "sessionlab check 07"),
        ("/elsewhere/bin/sessionlab", True, "/elsewhere/bin/sessionlab check 07"),
        ("../my venv/sessionlab", False, "'../my venv/sessionlab' check 07"),
    ],
)
def test_a_command_is_shown_as_the_user_has_to_type_it(called, argument, on_path, shown):
    """The bare name only where the shell would find this very program by it."""
    called(argument, on_path)
    assert prefix.command("check 07") == shown


def test_python_dash_m_is_shown_as_such(called):
    """Run as a module, the interpreter is named by its path unless PATH finds it."""
    called("/site-packages/sessionlab/__main__.py")
    assert prefix.prefix().endswith(" -m sessionlab")
    assert prefix.prefix().startswith(prefix.quoted([sys.executable]))


def test_a_relative_program_is_absolute_for_other_folders(called, tmp_path):
    """After `cd` the relative path would name nothing."""
    called(".venv/bin/sessionlab")
    assert prefix.prefix_elsewhere() == f"{tmp_path}/.venv/bin/sessionlab"


def test_commands_in_texts_of_the_course_get_the_prefix(called):
    """Only in backticks, and only the command itself."""
    called(".venv/bin/sessionlab")
    assert prefix.with_prefix("run `sessionlab init DIR`") == "run `.venv/bin/sessionlab init DIR`"
    assert prefix.with_prefix("sessionlab is `sessionlab_x`") == "sessionlab is `sessionlab_x`"


# --- lines


def test_a_command_in_backticks_is_never_broken():
    """The line before it is short instead, and it can be copied in one piece."""
    text = "You can see the solution of it by `sessionlab solution 07 --give-up` at any time."
    lines = folded(text, 50, "  ")
    assert lines == [
        "You can see the solution of it by",
        "  `sessionlab solution 07 --give-up` at any time.",
    ]


def test_what_an_encoding_lacks_is_written_in_ascii():
    """Marks, lanes and quotes keep their meaning; what is unknown becomes a question mark."""
    import codecs

    codecs.register_error("sessionlab", _ascii)
    assert "✓ “a” │ → … 漢".encode("ascii", "sessionlab") == b'+ "a" | -> ... ?'


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "just now"), (0.9, "just now"), (1, "1 second ago"), (59, "59 seconds ago"), (60, "1 minute ago"),
     (7300, "2 hours ago"), (86400 * 3, "3 days ago")],
)  # fmt: skip
def test_times_are_told_in_their_largest_unit(seconds, words):
    """A file from the future was saved by a clock that goes wrong: just now."""
    assert ago(1000.0, now=1000.0 + seconds) == words


# --- saves


@pytest.fixture
def clock(monkeypatch):
    """Let time pass by turning the clock that `saves` looks at."""
    now = [0.0]
    monkeypatch.setattr(saves.time, "monotonic", lambda: now[0])

    def wait(seconds: float):
        now[0] += seconds

    return wait


def test_an_edit_of_the_same_size_in_the_same_tick_of_the_clock_by_rename_is_seen(tmp_path, clock):
    """Time and size are those of before; the inode is another."""
    path, draft = tmp_path / "exercise.py", tmp_path / "draft.py"
    path.write_text("a = 1")
    draft.write_text("a = 2")
    for file in (path, draft):
        os.utime(file, ns=(10**18, 10**18))
    watched = Saves(path)
    assert watched.poll() is None
    os.replace(draft, path)
    assert [watched.poll(), watched.poll()] == [SAVED, None]


def test_a_file_that_is_empty_for_a_moment_is_saved_once(tmp_path, clock):
    """The editor that empties it first has not saved yet; one that leaves it empty has."""
    path = tmp_path / "exercise.py"
    path.write_text("a = 1")
    watched = Saves(path)
    path.write_text("")
    assert watched.poll() is None
    clock(0.1)
    path.write_text("a = 22")
    assert [watched.poll(), watched.poll()] == [SAVED, None]
    path.write_text("")
    assert watched.poll() is None
    clock(1)
    assert [watched.poll(), watched.poll()] == [SAVED, None]


def test_a_file_that_stays_away_is_gone_once_and_saved_when_it_is_back(tmp_path, clock):
    """Away for a moment only, it is not gone."""
    path = tmp_path / "exercise.py"
    path.write_text("a = 1")
    watched = Saves(path)
    path.unlink()
    assert watched.poll() is None
    clock(1)
    assert [watched.poll(), watched.poll()] == [GONE, None]
    path.write_text("a = 1")
    assert [watched.poll(), watched.poll()] == [SAVED, None]


# --- keys


@pytest.mark.parametrize(
    ("pressed", "key"),
    [
        (b"h", "h"),
        (b"Q", "q"),
        (b"\x1b[A", ""),
        (b"\n", ""),
        (b"", keyboard.END),
        (b"\x04", keyboard.END),
        (b"\xff", "\ufffd"),
    ],
)
def test_bytes_of_a_terminal_become_keys(pressed, key):
    """An arrow is no key of ours, capitals are as good as small letters, and the end of the input is END."""
    assert keyboard._key(pressed) == key


def test_keys_come_through_a_pipe_to_its_end(monkeypatch):
    """What is written arrives as keys, and then END for good."""
    source, sink = os.pipe()
    os.write(sink, b"h")
    os.close(sink)
    with os.fdopen(source) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with keyboard.keyboard() as read:
            assert [key for key, _ in zip(iter(lambda: read(5), None), range(3), strict=False)] == [
                "h",
                keyboard.END,
                keyboard.END,
            ]


def test_without_any_input_there_are_no_keys(monkeypatch):
    """A process whose standard input was closed waits for saves alone."""
    monkeypatch.setattr(sys, "stdin", None)
    with keyboard.keyboard() as read:
        assert set(itertools.islice(iter(lambda: read(0), None), 3)) == {""}
