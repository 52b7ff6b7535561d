"""What the drawings point at: each finding where it is due, and nowhere else."""

import pytest
import sample_traces as samples
from sample_traces import QUERIED, answer, checkout, commit, e, trace

from sessionlab.drawing.findings import findings
from sessionlab.drawing.waits import occupied, waits
from sessionlab.recorder import trace as kinds


def _lines(made) -> list[str]:
    return [finding.line for finding in findings(made)]


@pytest.mark.parametrize(
    "name", ["sound", "background", "plain_call", "query_for_each", "concurrent", "two_sessions"]
)
def test_nothing_is_pointed_at_where_all_is_well(name):
    """A background task's own COMMIT is not late, and connections out at the same time are no wait."""
    assert _lines(samples.ALL[name]()) == []


def test_a_leak_is_named_with_its_connection_line_and_request():
    """What is still out at the end is found by the line that checked it out."""
    assert _lines(samples.leak()) == [
        "still out: connection 1, checked out at exercise.py:41 in show, request 1",
        "never closed: session 1, opened at exercise.py:18 in get_db, request 1",
    ]


def test_a_hundred_leaks_from_one_line_are_one_finding():
    """Alike findings are told once, with all of their numbers."""
    assert _lines(samples.many_leaks(100)) == [
        "still out: connections 1–100, checked out at exercise.py:41 in show, requests 1–100",
        "never closed: sessions 1–100, opened at exercise.py:18 in get_db, requests 1–100",
    ]


def test_a_connection_that_the_garbage_collector_gave_back_is_a_leak_all_the_same():
    """It is in again at the end, but nobody checked it in."""
    line = "left to the garbage collector: connection 1, checked out at exercise.py:41 in show, request 1"
    assert line in _lines(samples.collected())


def test_a_commit_after_the_response_is_late():
    """A transaction that was begun before the response and committed after it."""
    assert _lines(samples.commit_after_response()) == [
        "COMMIT after the response started: step 10, at exercise.py:33 in add, request 1"
    ]


def test_a_commit_that_failed_is_told_with_its_error():
    """The message of the error stands in the finding."""
    assert _lines(samples.commit_failed()) == [
        "COMMIT failed: IntegrityError: FOREIGN KEY constraint failed, request 1"
    ]


def test_a_deadlock_on_the_pool_names_who_waits_and_who_holds():
    """The sessions of requests that have not ended may yet be closed, so they are no finding."""
    assert _lines(samples.deadlock()) == [
        "still out: connections 1–2, checked out at exercise.py:60 in transfer, requests 1–2",
        "still waiting for a connection: requests 1–2, at exercise.py:71 in audit",
    ]


def test_a_wait_that_ended_is_told_apart_from_one_that_timed_out():
    """One got its connection, the other an error in its place."""
    waited = "waited for a connection: request 2, at exercise.py:31 in add, since step 11"
    assert _lines(samples.waited()) == [waited]
    assert "got no connection: request 3, at exercise.py:41 in show, since step 21" in _lines(
        samples.gave_up()
    )


def test_who_gets_a_connection_while_others_are_free_has_not_waited():
    """A check-in between wanting and getting is no wait if more had been out before."""
    busy = [*checkout("r1 s1 c1"), *checkout("r2 s2 c2"), e(kinds.CHECKED_IN, "r1 s1 c1")]
    third = [
        e(kinds.CONNECTION_WANTED, "r3"),
        e(kinds.CHECKED_IN, "r2 s2 c2"),
        e(kinds.CHECKED_OUT, "r3 s3 c1"),
    ]
    assert waits(trace(*busy, *third)) == []


def test_connections_are_counted_by_engine_though_a_check_in_names_none():
    """A check-in belongs to the engine that its connection was checked out from."""
    made = trace(*checkout("r1 s1 c1"), e(kinds.CHECKED_IN, "r1 s1 c1"))
    made = type(made)((*made[:-1], type(made[-1])(**{**_fields(made[-1]), "engine": None})))
    assert [counts.get(1) for counts in occupied(made).values()] == [0, 1, 1, 0]


def _fields(event) -> dict:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


def test_a_session_that_is_used_again_after_its_close_is_never_closed():
    """Closed means that close is the last that is heard of it."""
    again = [
        e(kinds.SESSION_CLOSED, "r1 s1"),
        *checkout("r1 s1 c1", QUERIED),
        e(kinds.CHECKED_IN, "r1 s1 c1"),
    ]
    made = trace(e(kinds.SESSION_OPENED, "r1 s1"), *again, e(kinds.REQUEST_DONE, "r1"))
    assert _lines(made) == ["never closed: session 1, request 1"]


def test_a_commit_of_core_without_a_session_can_be_late_too():
    """Where no session works, the connection tells one piece of work from another."""
    made = trace(*checkout("r1 c1"), *answer("r1", 201), *commit("r1 c1"), e(kinds.CHECKED_IN, "r1 c1"))
    assert [finding.what for finding in findings(made)] == ["COMMIT after the response started"]


def test_a_commit_before_the_last_byte_is_late_once_the_response_has_started():
    """The status is out by then, and can't be taken back."""
    started, done = answer("r1", 201)
    made = trace(*checkout("r1 s1 c1"), started, *commit("r1 s1 c1"), done, e(kinds.CHECKED_IN, "r1 s1 c1"))
    assert [finding.what for finding in findings(made)][:1] == ["COMMIT after the response started"]


def test_a_commit_of_core_on_another_connection_is_not_late():
    """A background task that begins a piece of work of its own may well commit it after the response."""
    first, second = "r1 c1", "r1 c2"
    sound = [*checkout(first), *commit(first), e(kinds.CHECKED_IN, first), *answer("r1", 201)]
    assert _lines(trace(*sound, *checkout(second), *commit(second), e(kinds.CHECKED_IN, second))) == []


def test_a_trace_without_lines_is_told_without_them():
    """Nothing but the kind is certain of an event."""
    assert _lines(trace(e(kinds.CHECKED_OUT, "c1"))) == ["still out: connection 1"]
    assert _lines(trace(e(kinds.CONNECTION_WANTED))) == [
        "still waiting for a connection: the program, since step 1"
    ]


def test_a_statement_that_stops_the_loop_is_told_with_its_line():
    """It ran on the event loop's thread, in a request, where others wait for the loop."""
    blocking = e(kinds.STATEMENT, "r1 s1 c1", "SELECT 1", at="exercise.py:7 in read", blocking=True)
    calm = e(kinds.STATEMENT, "r1 s1 c1", "SELECT 1", at="exercise.py:8 in read")
    assert _lines(trace(e(kinds.REQUEST_STARTED, "r1", "GET /"), blocking, calm)) == [
        "stops the event loop: at exercise.py:7 in read, request 1"
    ]


def test_a_loop_that_nobody_else_wants_may_be_stopped():
    """Statements of no request, at start-up or in a notebook's cell, make nobody wait."""
    blocking = e(kinds.STATEMENT, "r1 s1 c1", "SELECT 1", blocking=True)
    assert _lines(trace(e(kinds.CALL_STARTED, "r1", "read()"), blocking)) == []


def test_a_coroutine_that_was_never_awaited_is_told_with_its_line():
    """What it was to do has not been done."""
    lost = e(kinds.NEVER_AWAITED, "r1", "AsyncSession.commit", at="exercise.py:9 in add")
    assert _lines(trace(e(kinds.REQUEST_STARTED, "r1", "POST /"), lost)) == [
        "never awaited: AsyncSession.commit, made at exercise.py:9 in add, request 1"
    ]
