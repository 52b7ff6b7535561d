"""A verdict waits long once for what hangs, and shortly where it hangs at the same line again."""

import pytest
from small_course import SLUG, lay

from sessionlab.grader.front_end import Front
from sessionlab.grader.judge.host_process import HostStuck, Pending
from sessionlab.grader.judge.patience import Patience

HANGS = """
import threading


def hang():
    threading.Event().wait()


def add(a, b):
    hang()


def double(a):
    hang()


async def later(a):
    return a


def borrow(engine):
    {borrow}
"""
ONCE, AGAIN = "did not come back within 1 s", "did not come back at the line where it was waited for before"


@pytest.fixture
def observed(tmp_path, monkeypatch):
    """Return what each check of a submission observed."""
    monkeypatch.setenv("SESSIONLAB_DEADLINE", "1")
    course = lay(tmp_path / "course")

    def grade(source):
        path = tmp_path / "exercise.py"
        path.write_text(source)
        with Front(course, stay=True) as front:
            verdicts = [front.grade(SLUG, path) for _ in range(2)]
        return [{check.id: check.observed for check in verdict.checks} for verdict in verdicts]

    return grade


def test_what_hangs_at_one_line_is_waited_for_long_once_in_each_verdict(observed):
    """Three calls hang there: the first has the whole deadline, and the next verdict begins anew."""
    for found in observed(HANGS.format(borrow="hang()")):
        assert ONCE in found["adds"]
        assert AGAIN in found["doubles"]
        assert AGAIN in found["borrows"]
        assert not found["waits"]


def test_what_hangs_at_another_line_is_waited_for_long(observed):
    """It may be slow for another reason."""
    found, _ = observed(HANGS.format(borrow="threading.Event().wait()"))
    assert AGAIN in found["doubles"]
    assert ONCE in found["borrows"]


class Process:
    """A host's process whose submission stands at one line and is done when the whole deadline is granted."""

    def __init__(self, line):
        self.line = line

    def done_within(self, pending, seconds):
        return False

    def stands(self):
        return {"lines": [f"{self.line} (MainThread)"]}

    def wait(self, pending):
        if self.line == "hangs":
            raise HostStuck("call", 4.0, self.stands())
        return {"value": 1}


def test_a_slow_call_at_a_line_that_never_hung_has_its_whole_deadline():
    """Also where something else has hung before: on a busy machine a right call is slow, and no more."""
    patience = Patience()
    assert patience.answer(Process("slow"), Pending("call", 4.0)) == {"value": 1}
    with pytest.raises(HostStuck) as first:
        patience.answer(Process("hangs"), Pending("call", 4.0))
    assert not first.value.again
    patience.failed = True
    assert patience.answer(Process("slow"), Pending("call", 4.0)) == {"value": 1}
    with pytest.raises(HostStuck) as second:
        patience.answer(Process("hangs"), Pending("call", 4.0))
    assert second.value.again


def test_a_hang_is_waited_for_long_again_while_no_check_has_failed():
    """A file that is stuck while it loads is loaded once more, and may be right."""
    patience = Patience()
    for _ in range(2):
        with pytest.raises(HostStuck) as stuck:
            patience.answer(Process("hangs"), Pending("load", 4.0))
        assert not stuck.value.again
