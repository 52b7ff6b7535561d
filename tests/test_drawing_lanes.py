"""Lanes read well at 80 columns, without colour, and what matters jumps out."""

import subprocess
import sys

import pytest
import sample_traces as samples
from rich.cells import cell_len
from sample_traces import e, interleaved, trace

from sessionlab.drawing import lanes
from sessionlab.drawing.lanes import lanes_text
from sessionlab.drawing.statement import shortened
from sessionlab.recorder import trace as kinds
from sessionlab.recorder.trace import Trace

EVERY = pytest.mark.parametrize("name", samples.ALL)


def _picture(text: str) -> list[str]:
    return text.strip("\n").splitlines()


def test_a_leak_has_lanes_that_go_on_to_the_last_line():
    """The check-out is marked beside its step, and said in full below."""
    assert lanes(samples.leak()) == _picture("""
     request  session  conn.
 1   1                        GET /accounts/1
 2 ! │        1               session opened  ← never closed
 3 ! │        │        1      checked out at exercise.py:41 in show  ← still out
 5   │        │        ├────▶ BEGIN
 6   │        │        ├────▶ SELECT … FROM account WHERE account.id = ?
 7   ┴        │        │      response 200, request done

! still out: connection 1, checked out at exercise.py:41 in show, request 1
! never closed: session 1, opened at exercise.py:18 in get_db, request 1
""")


def test_a_late_commit_stands_below_the_response_and_says_so():
    """From the response on, the request's lane is dotted."""
    assert lanes(samples.commit_after_response())[6:] == _picture("""
 7   │        │        ├────▶ INSERT INTO account (owner, balance) VALUES (?, ?)
 8   ◀        │        │      response 201
10 ! ┊        │        ├────▶ COMMIT  ← after the response started
12   ┊        ┴        ┴      checked in, session closed
14   ┴                        request done

! COMMIT after the response started: step 10, at exercise.py:33 in add,
  request 1
""")


def test_two_requests_have_two_lanes_and_each_row_says_whose_it_is():
    """Where a family has several lanes, a row carries the numbers of its request, session and connection."""
    assert lanes(samples.deadlock())[11:20] == _picture("""
 9   1  │   1  │         1──┼─▶ BEGIN
10   │  2   │  2         │  2─▶ BEGIN
11   1  │   1  │         1──┼─▶ UPDATE account SET balance=? WHERE id = ?
12   │  2   │  2         │  2─▶ UPDATE account SET balance=? WHERE id = ?
13   1  │   │  │  3      │  │   session opened
14   │  2   │  │  │  4   │  │   session opened
15 ! 1  │   │  │  │  │   │  │   connection wanted at exercise.py:71 in audit
     │  │   │  │  │  │   │  │   ← still waits
16 ! │  2   │  │  │  │   │  │   connection wanted at exercise.py:71 in audit
""")


def test_what_the_driver_did_not_send_has_no_arrow():
    """BEGIN stands where it was sent, a savepoint once; what SQLAlchemy only asked for is said without an arrow."""
    assert lanes(samples.not_sent()) == _picture("""
     call  session  conn.
 1   1                     read()
 2   │     1        1      checked out at exercise.py:31 in add
 4   │     │        ●      begun, not sent
 6   │     │        ├────▶ SAVEPOINT one
 7   │     │        ├────▶ SELECT … FROM account WHERE account.id = ?
 9   │     │        ├────▶ RELEASE SAVEPOINT one
10   │     │        ●      COMMIT: nothing to end
12   │     ┴        ┴      checked in, session closed
14   ┴                     call done
15   2                     write()
16   │     2        2      checked out at exercise.py:31 in add
18   │     │        ●      begun, not sent
19   │     │        ├────▶ SELECT … FROM account WHERE account.id = ?
20   │     │        ├────▶ BEGIN
20   │     │        ├────▶ INSERT INTO account (owner, balance) VALUES (?, ?)
21   │     │        ├────▶ COMMIT, by the driver
22   │     │        ●      ROLLBACK: nothing to end
23   │     ┴        ┴      checked in, session closed
25   ┴                     call done
""")


@EVERY
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(name, width):
    """Also where a character takes two cells."""
    assert max(cell_len(line) for line in lanes(samples.ALL[name](), width)) <= width


@EVERY
def test_without_unicode_there_is_nothing_but_ascii(name):
    """A console that can't show a character must still get a line."""
    assert all(line.isascii() for line in lanes(samples.ALL[name](), unicode=False))


def test_a_request_that_is_cut_off_anywhere_is_drawn():
    """What was recorded until something stuck, and what came after, are traces as well."""
    made = samples.waited()
    for event in made:
        before, after = lanes(made.until(event)), lanes(made.after(event))
        assert len(before) > 1 or event.n == 1
        assert len(after) > 1 or event.n == len(made)


def test_a_hundred_requests_are_two_and_how_many_were_left_out():
    """Requests that did the same event by event are shown twice, not a hundred times."""
    lines = lanes(samples.many_leaks(100))
    assert len(lines) < 20
    assert [line for line in lines if "…" in line and "requests" in line] == [
        "            │  │   │  │   … 98 requests like request 1"
    ]


def test_concurrent_requests_that_are_alike_are_left_out_as_well():
    """Alike is told by a request's own events, however they alternate with others'."""
    assert any("… 28 requests like request 1" in line for line in lanes(samples.concurrent(30)))


def test_a_request_that_leaks_is_not_left_out_for_being_like_sound_ones():
    """The one of fifty that ends with its session open is shown."""
    sound = [item for i in range(1, 50) for item in samples.post(f"r{i}", f"s{i}", "c1")]
    odd = [item for item in samples.post("r50", "s50", "c1") if item[0] != kinds.SESSION_CLOSED]
    lines = lanes(trace(*sound, *odd))
    assert any("47 requests like request 1" in line for line in lines)
    assert any("session opened  ← never closed" in line for line in lines)


def test_a_request_that_waited_is_not_left_out_for_doing_what_the_others_did():
    """Its own events are the same; only between them somebody else gave a connection back."""
    sound = [item for i in range(1, 50) for item in samples.post(f"r{i}", f"s{i}", "c1")]
    last, waiter = samples.post("r50", "s50", "c1"), samples.post("r51", "s51", "c1")
    lines = lanes(trace(*sound, *last[:7], *waiter[:4], *last[7:], *waiter[4:]))
    assert any("← waits" in line for line in lines)


def test_what_is_heard_of_a_request_after_its_end_does_not_begin_it_anew():
    """When the garbage collector gives its connection back, the row has its number, and no lane goes on."""
    collected = e(kinds.CHECKED_IN, "r1 s1 c1", collected=True)
    next_one = e(kinds.REQUEST_STARTED, "r2", "GET /")
    lines = lanes(trace(*samples.leaky_get("r1", "s1", "c1"), collected, next_one))
    assert lines[8:10] == _picture("""
10   1        │        ┴      checked in by the garbage collector
11   2        │               GET /
""")


def test_a_connection_keeps_its_lane():
    """It is the second one the second time, too, although the first lane is free."""
    out = [e(kinds.CHECKED_OUT, "c1"), e(kinds.CHECKED_OUT, "c2")]
    back = [e(kinds.CHECKED_IN, "c1"), e(kinds.CHECKED_IN, "c2")]
    lines = lanes(trace(*out, *back, e(kinds.CHECKED_OUT, "c2")))
    assert lines[2].index("2", 2) == lines[5].index("2", 2) > lines[1].index("1", 2)


def test_a_query_for_each_row_is_told_by_how_often_it_came():
    """A hundred times the same statement are two, and a count."""
    assert any("… this step again, 98 times" in line for line in lanes(samples.query_for_each(100)))


def test_a_loop_over_sessions_outside_any_request_is_left_out_block_by_block():
    """Steps that come again and again in the same order are a block, whichever session they belong to."""

    def once(i: int) -> list:
        return [e(kinds.SESSION_OPENED, f"s{i}"), e(kinds.FLUSH, f"s{i}"), e(kinds.SESSION_CLOSED, f"s{i}")]

    lines = lanes(trace(*(item for i in range(1, 51) for item in once(i))))
    assert any("… these 3 steps again, 48 times" in line for line in lines)
    assert len(lines) == 8


def test_a_commit_that_is_held_is_not_one_row_with_its_end():
    """What happens between COMMIT sent and COMMIT done must be seen between them."""
    a, b = samples.post("r1", "s1", "c1"), samples.post("r2", "s2", "c2")
    held = trace(*a[:8], *b, *a[8:])
    words = [line.split("▶")[-1].strip() for line in lanes(held)]
    assert words.index("COMMIT sent") < words.index("COMMIT") < words.index("COMMIT done")


def test_what_has_no_lane_is_named_in_words():
    """Twelve requests at once don't fit into 60 columns beside the words."""
    different = [
        [e(kinds.REQUEST_STARTED, f"r{i}", f"GET /{'x' * i}"), *samples.post(f"r{i}", f"s{i}", f"c{i}")[1:]]
        for i in range(1, 13)
    ]
    lines = lanes(trace(*interleaved(*different)), width=60)
    assert any("connection 12: BEGIN" in line for line in lines)
    assert max(map(len, lines)) <= 60


def test_an_error_is_not_cut_where_the_line_ends():
    """A message goes on below, beside the lanes; SQLAlchemy's link to its page on the error is left out."""
    text = "\n".join(lanes(samples.gave_up()))
    assert "TimeoutError: QueuePool limit of size 2 overflow 0\n" in text
    assert "reached, connection timed out, timeout 30.00" in text
    assert "Background on this error" not in text


def test_escape_sequences_in_a_text_reach_no_terminal():
    """A statement's text is a stranger's."""
    assert not any("\x1b" in line or "\x00" in line for line in lanes(samples.hostile()))


def test_nothing_recorded_is_said():
    """An empty trace is no empty picture."""
    assert lanes(Trace()) == ["nothing was recorded"]


@EVERY
def test_styled_lines_say_what_the_plain_ones_say(name):
    """Colour adds nothing that is not in the text."""
    made = samples.ALL[name]()
    assert lanes_text(made).plain.splitlines() == lanes(made)


@pytest.mark.parametrize(
    ("statement", "room", "expected"),
    [
        (samples.SELECT, len(samples.SELECT), samples.SELECT),
        (samples.SELECT, 45, "SELECT … FROM account WHERE account.id = ?"),
        (samples.SELECT, 40, "SELECT … FROM account WHERE id = ?"),
        (samples.INSERT, 42, "INSERT INTO account (owner, balance) …"),
        (samples.UPDATE, 42, "UPDATE account SET balance=? WHERE id = ?"),
        (
            "SELECT a.id, a.owner FROM a JOIN b ON a.id = b.a_id",
            45,
            "SELECT … FROM a JOIN b ON a.id = b.a_id",
        ),
        ("SELECT a.id, a.owner FROM a JOIN b ON a.id = b.a_id", 30, "SELECT … FROM a JOIN b ON a.i…"),
        ("DELETE FROM account", 10, "DELETE FR…"),
        ("DELETE FROM account", 0, ""),
    ],
)
def test_a_statement_loses_first_what_tells_least(statement, room, expected):
    """Table and condition stay as long as there is room; "a.id" stays where two tables have one."""
    assert shortened(statement, room) == expected
    assert len(shortened(statement, room)) <= room


def test_drawing_needs_nothing_that_records():
    """Neither SQLAlchemy nor FastAPI is imported, and neither matplotlib nor rich before its use."""
    look = (
        "import sys, sessionlab.drawing; print([name for name in ('sqlalchemy', 'fastapi', 'starlette', "
        "'matplotlib', 'rich') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
