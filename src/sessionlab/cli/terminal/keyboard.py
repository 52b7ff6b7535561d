"""Keys as they are pressed, without Return; from a pipe, the characters that come through it."""

from __future__ import annotations

import os
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .screen import is_terminal

END = "\x04"  # what a terminal sends for Ctrl-D; also the end of a pipe

Read = Callable[[float], str]


@contextmanager
def keyboard() -> Iterator[Read]:
    """Yield a function that waits up to so many seconds for a key, and returns it, END, or "".

    The terminal's modes are restored at the end of the block.
    """
    if sys.stdin is None or sys.stdin.closed:
        yield _no_keys
    elif os.name == "nt":
        yield _windows_keys if is_terminal(sys.stdin) else _piped_keys()
    elif is_terminal(sys.stdin):
        with _single_keys(sys.stdin.fileno()):
            yield _posix_keys(sys.stdin.fileno())
    else:
        yield _posix_keys(sys.stdin.fileno())


def _no_keys(seconds: float) -> str:
    threading.Event().wait(seconds)
    return ""


def _posix_keys(descriptor: int) -> Read:
    def read(seconds: float) -> str:
        if not select.select([descriptor], [], [], seconds)[0]:
            return ""
        try:
            return _key(os.read(descriptor, 64))
        except OSError:  # the terminal has been closed
            return END

    return read


def _key(pressed: bytes) -> str:
    """One press can be several bytes: those of an arrow key start with Escape and mean nothing here."""
    text = pressed.decode("utf-8", "replace").strip("\r\n ")
    if not pressed:
        return END
    return "" if text.startswith("\x1b") else text[:1].lower()


@contextmanager
def _single_keys(descriptor: int) -> Iterator[None]:
    """Let the terminal hand over each key at once, and keep Ctrl-C what it is."""
    import termios  # not on Windows
    import tty

    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    # After Ctrl-Z the shell has given the terminal its own modes.
    resumed = signal.signal(signal.SIGCONT, lambda *_: tty.setcbreak(descriptor))
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, resumed)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _windows_keys(seconds: float) -> str:
    import msvcrt  # on Windows alone

    end = time.monotonic() + seconds
    while not msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
        if time.monotonic() >= end:
            return ""
        time.sleep(0.005)
    key: str = msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
    if key in "\x00\xe0":  # an arrow or function key: its second half says which
        msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
        return ""
    if key == "\x03":
        raise KeyboardInterrupt
    return END if key == "\x1a" else key.lower()


def _piped_keys() -> Read:
    """Windows can't wait for a pipe with a time limit: a thread does."""
    pressed: queue.SimpleQueue[str] = queue.SimpleQueue()
    descriptor = sys.stdin.fileno()

    def listen() -> None:
        while (data := os.read(descriptor, 64)) != b"":
            pressed.put(_key(data))
        pressed.put(END)

    def read(seconds: float) -> str:
        try:
            return pressed.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return ""

    threading.Thread(target=listen, name="sessionlab keys", daemon=True).start()
    return read
