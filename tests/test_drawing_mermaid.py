"""A diagram that Mermaid takes: balanced, declared, escaped, and the same each time."""

import re

import pytest
import sample_traces as samples
from sample_traces import checkout, e, trace

from sessionlab.drawing import mermaid
from sessionlab.recorder import trace as kinds
from sessionlab.recorder.trace import Event, Trace

EVERY = pytest.mark.parametrize("name", samples.ALL)
_MESSAGE = re.compile(r"(\w+?)(-->>|->>|--x|-x)(\w+): (.+)")
_NOTE = re.compile(r"Note over (\w+)(?:,(\w+))?: (.+)")
_REFERENCE = re.compile(r"#(\d+);")


def _lines(made: Trace) -> list[str]:
    first, second, *lines = mermaid(made).splitlines()
    assert first.startswith("%%{init: ")
    assert second == "sequenceDiagram"
    return [line.strip() for line in lines]


def _texts(lines: list[str]) -> list[str]:
    """Return what stands in messages and notes, as a reader sees it but for the line breaks."""
    found = [match for line in lines if (match := _MESSAGE.fullmatch(line) or _NOTE.fullmatch(line))]
    return [_REFERENCE.sub(lambda ref: chr(int(ref[1])), match[match.lastindex]) for match in found]


def _bars_are_balanced(lines: list[str]) -> None:
    active: set[str] = set()
    for line in lines:
        command, _, name = line.partition(" ")
        if command == "activate":
            assert name not in active
            active.add(name)
        elif command == "deactivate":
            active.remove(name)
    assert not active


@EVERY
def test_every_line_is_one_that_mermaid_knows(name):
    """Participants come first, each declared once; nobody else sends, receives or is noted."""
    lines = _lines(samples.ALL[name]())
    declared = [line.split()[1] for line in lines if line.startswith("participant ")]
    assert len(declared) == len(set(declared))
    assert {name for line in lines[len(declared) :] for name in _named(line)} == set(declared)


def _named(line: str) -> list[str]:
    """Return the participants that a line is about; a line that is none of Mermaid's fails."""
    if match := _MESSAGE.fullmatch(line):
        return [match[1], match[3]]
    match = _NOTE.fullmatch(line) or re.fullmatch(r"(?:de)?activate (\w+)()", line)
    assert match, line
    return [name for name in match.group(1, 2) if name]


@EVERY
def test_bars_end_as_often_as_they_begin(name):
    """Mermaid refuses a diagram that deactivates what is not active."""
    made = samples.ALL[name]()
    _bars_are_balanced(_lines(made))
    for event in list(made)[:40]:
        _bars_are_balanced(_lines(made.until(event)))
        _bars_are_balanced(_lines(made.after(event)))


def test_a_bar_lasts_from_the_check_out_to_the_check_in():
    """The bar is what the pool lacks meanwhile."""
    lines = _lines(samples.sound())
    begin, end = lines.index("activate connection1"), lines.index("deactivate connection1")
    assert lines[begin - 1].startswith("session1->>connection1: check out")
    assert lines[end - 1] == "session1->>connection1: check in, close"
    assert [line.split(": ")[1] for line in lines[begin + 1 : end - 1]] == [
        "BEGIN",
        "INSERT INTO account<br/>(owner, balance) …",
        "COMMIT",
    ]


def test_a_leak_is_noted_and_its_bar_goes_on_to_the_end():
    """The note says which line checked it out."""
    lines = _lines(samples.leak())
    note = "Note over connection1: still out<br/>checked out at<br/>exercise.py:41<br/>in show"
    assert lines.index(note) > lines.index("app1-->>client: response 200")
    assert lines[-1] == "deactivate connection1"


def test_a_bar_whose_check_in_is_left_out_does_not_go_on_to_the_end():
    """Of a hundred connections that are checked in again, none looks like a leak."""
    numbers = range(1, 101)
    outs = [e(kind, ids) for i in numbers for kind, ids in _check_out(i)]
    ins = [e(kinds.CHECKED_IN, f"r1 c{i}") for i in reversed(numbers)]
    lines = _lines(trace(*outs, *ins, e(kinds.CALLED, "r1", "after()")))
    assert lines[-1].endswith("calls after()")
    _bars_are_balanced(lines)


def _check_out(i: int) -> list[tuple[str, str]]:
    return [(kinds.CONNECTION_WANTED, "r1"), (kinds.CHECKED_OUT, f"r1 c{i}")]


def test_the_bar_of_a_new_connection_begins_with_its_check_out():
    """That it was connected first is no use of its own."""
    new = [e(kinds.CONNECTION_WANTED, "r1"), e(kinds.CONNECTED, "r1 c1"), e(kinds.CHECKED_OUT, "r1 c1")]
    lines = _lines(trace(*new, e(kinds.BEGIN, "r1 c1"), e(kinds.CHECKED_IN, "r1 c1")))
    assert [line.partition("connection1")[0].strip() for line in lines[-5:]] == [
        "app1->>",
        "activate",
        "",
        "app1->>",
        "deactivate",
    ]


def test_a_request_is_over_when_it_is_done():
    """What the garbage collector gives back later does not keep the next request from its participant."""
    first, second = samples.leaky_get("r1", "s1", "c1"), samples.post("r2", "s2", "c2")
    made = trace(*first, *second, e(kinds.CHECKED_IN, "r1 s1 c1", collected=True))
    assert "participant app1 as App<br/>requests 1–2" in _lines(made)


def test_a_long_diagram_names_its_participants_below_as_well():
    """Mermaid's lifelines end after 2000 pixels unless there are names at their end."""
    assert '"mirrorActors": false' in mermaid(samples.sound())
    assert '"mirrorActors": true' in mermaid(trace(*samples.post("r1", "s1", "c1"), *_many_calls()))


def _many_calls() -> list:
    return [e(kinds.CALLED, "r1", f"{'x' * i}()") for i in range(40)]


def test_what_the_driver_did_not_send_is_a_note_over_its_connection():
    """No arrow leads to the database."""
    lines = _lines(samples.not_sent())
    assert "Note over connection1: begun, not sent" in lines
    assert "Note over connection1: COMMIT: nothing to<br/>end" in lines
    assert "Note over connection2: ROLLBACK: nothing to<br/>end" in lines
    insert = next(n for n, line in enumerate(lines) if "INSERT" in line)
    assert lines[insert - 1] == "connection2->>database: BEGIN"


def test_a_late_commit_is_noted():
    """It stands below the response, with a note."""
    lines = _lines(samples.commit_after_response())
    commit = lines.index("connection1->>database: COMMIT")
    assert commit > lines.index("app1-->>client: response 201")
    assert lines[commit + 1] == "Note over connection1: after the response<br/>started"


def test_a_failed_commit_is_an_arrow_that_does_not_arrive():
    """The error stands on the arrow, and no second row repeats it."""
    lines = [line for line in _lines(samples.commit_failed()) if "COMMIT" in line]
    assert lines == [
        "connection1-xdatabase: COMMIT failed:<br/>IntegrityError:<br/>FOREIGN KEY<br/>constraint failed"
    ]


def test_who_waits_asks_the_pool_and_who_does_not_goes_without():
    """There is a pool in the picture only if somebody has to wait for it."""
    assert "Note over app2: waits" in _lines(samples.waited())
    assert "participant pool as Pool" in _lines(samples.deadlock())
    assert "participant pool as Pool" not in _lines(samples.concurrent())


def test_a_time_out_comes_from_the_pool():
    """The error is what the pool answers."""
    assert any(line.startswith("pool--xapp1: TimeoutError:") for line in _lines(samples.gave_up()))


def test_a_plain_call_has_a_caller_whose_callable_is_called():
    """What was handed in belongs to who handed it in."""
    lines = _lines(samples.plain_call())
    assert lines[:2] == ["participant caller as Caller", "participant app1 as add_account()"]
    assert "app1->>caller: calls announce(1)" in lines


def test_requests_that_follow_each_other_share_a_participant():
    """A diagram is as wide as what goes on at one time."""
    made = trace(*samples.post("r1", "s1", "c1"), *samples.post("r2", "s2", "c1"))
    assert [line for line in _lines(made) if line.startswith("participant ")] == [
        "participant client as Client",
        "participant app1 as App<br/>requests 1–2",
        "participant session1 as Sessions 1–2",
        "participant connection1 as Connection 1",
        "participant database as Database",
    ]


def test_a_session_that_is_used_again_shares_its_participant_with_nobody_who_came_between():
    """From its first use to its last close it is one."""
    events = [(kinds.SESSION_OPENED, "s1"), (kinds.SESSION_CLOSED, "s1"), (kinds.SESSION_OPENED, "s2")]
    events += [(kinds.FLUSH, "s1"), (kinds.SESSION_CLOSED, "s1"), (kinds.SESSION_CLOSED, "s2")]
    lines = _lines(trace(*(e(kind, ids) for kind, ids in events)))
    assert "participant session1 as Session 1" in lines
    assert "participant session2 as Session 2" in lines


def test_hostile_texts_come_back_as_they_were():
    """Whatever means something to Mermaid is a reference; read back, the texts are whole."""
    made = samples.hostile()
    texts = [text.replace("<br/>", " ") for text in _texts(_lines(made))]
    for event in made.of(kinds.STATEMENT):
        written = " ".join(event.text.split()).replace("\x1b", "\ufffd").replace("\x00", "\ufffd")
        assert written in texts or f"{written[:41].rstrip()}…" in texts


def test_no_text_holds_a_character_that_mermaid_would_take_for_its_own():
    """No ";" or "#" but those of references, no markup but <br/>, no comment, no math, no wrap."""
    for line in _lines(samples.hostile()):
        text = _REFERENCE.sub("", line.replace("<br/>", "")).partition(": ")[2]
        assert not set(text) & set(';#<>&%{}$`|\\"ﬂ¶'), line
        assert not re.match(r"(no)?wrap:", text)
        assert not re.search(r"style.*:\S", text)


def test_a_long_trace_stays_below_what_mermaid_takes():
    """The middle is left out, and said to be: Mermaid refuses more than 50,000 characters."""
    calls = [
        e(kinds.CALLED, "r1", f"{'abcdefghij'[i % 10] * (i % 7 + 1)}{chr(97 + i % 26)}()")
        for i in range(3000)
    ]
    text = mermaid(trace(e(kinds.CALL_STARTED, "r1", "run()"), *calls))
    assert len(text) < 50_000
    assert "… steps " in text


@EVERY
def test_time_and_thread_change_nothing(name):
    """Two runs of one program give the same text; when the garbage collector comes belongs to neither."""
    made = samples.ALL[name]()
    made = Trace(tuple(event for event in made if not event.data.get("collected")))
    assert mermaid(made.published()) == mermaid(made)


def test_an_event_of_which_nothing_is_known_is_drawn():
    """Nothing but the kind is certain of an event."""
    for number, kind in enumerate(kinds.KINDS, start=1):
        _bars_are_balanced(_lines(Trace((Event(n=number, kind=kind),))))


def test_nothing_recorded_is_said():
    """An empty trace is a diagram, too."""
    assert _lines(Trace()) == [
        "participant program as Program",
        "Note over program: nothing was recorded",
    ]


def test_a_statement_that_stops_the_loop_has_a_note():
    """Beside the statement stands what it does to everybody else."""
    statement = e(kinds.STATEMENT, "r1 s1 c1", "SELECT 1", blocking=True)
    asked = trace(e(kinds.REQUEST_STARTED, "r1", "GET /"), *checkout("r1 s1 c1"), statement)
    said = [text.replace("<br/>", " ") for text in _texts(_lines(asked))]
    assert said[said.index("SELECT 1") + 1] == "stops the event loop"
