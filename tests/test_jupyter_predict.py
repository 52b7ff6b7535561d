"""Predictions: what can be predicted, and how the trace of the next recording marks it."""

import inspect
from collections.abc import Callable, Iterator

import pytest
import sample_traces
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from sessionlab import predict, record
from sessionlab.jupyter.errors import Refused
from sessionlab.jupyter.marking import Marked, mark
from sessionlab.jupyter.questions import QUESTIONS
from sessionlab.recorder import recorded_block
from sessionlab.recorder.trace import Trace


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine whose session is used by the experiment."""
    engine = create_engine("sqlite://")
    yield engine
    engine.dispose()


def experiment(engine: Engine, then: Callable[[], object] = lambda: None) -> None:
    """One statement in one session, which is then closed, whatever comes `then`."""
    with record(), Session(engine) as session:
        session.execute(text("SELECT 1"))
        then()


def rows(printed: str) -> dict[str, str]:
    """Return, of a printed table, each mark by the question that it stands beside."""
    lines = [line for line in printed.splitlines() if line[:2] in ("✓ ", "✗ ", "– ")]
    return {line[2:].split("  ")[0]: line[0] for line in lines}


def test_a_prediction_that_holds_is_marked_right(engine, capsys):
    """One statement, one session, nothing left out: the table says so when the block ends."""
    predict(statements=1, sessions_opened=1, connections_out=0, raised=None)
    experiment(engine)
    assert rows(capsys.readouterr().out) == {
        "statements sent": "✓",
        "sessions opened": "✓",
        "connections still out at the end": "✓",
        "exception that left the app": "✓",
    }


def test_a_prediction_that_fails_is_marked_wrong_with_what_was(engine, capsys):
    """Both numbers stand side by side, and the step of the trace that shows it."""
    predict(statements=2)
    experiment(engine)
    printed = capsys.readouterr().out
    assert rows(printed) == {"statements sent": "✗"}
    assert [word for word in printed.splitlines()[1].split() if word.isdigit()] == ["2", "1", "6"]


def test_three_dots_count_as_not_predicted(engine, capsys):
    """An untouched cell runs through: it says what was, and what to do."""
    predict(statements=..., order=...)
    experiment(engine)
    printed = capsys.readouterr().out
    assert rows(printed) == {"statements sent": "–", "order": "–"}
    assert "put your answer in the place of `...`" in printed


def test_the_order_is_that_of_first_appearance(engine, capsys):
    """Kinds of event in the order in which each was first seen are right."""
    predict(order=["session opened", "checked out", "statement", "session closed"])
    experiment(engine)
    assert rows(capsys.readouterr().out) == {"order": "✓"}


def test_a_wrong_order_shows_the_true_one(engine, capsys):
    """Swapped events are wrong, and what never happened has no place at all."""
    predict(order=["statement", "session opened", "flush"])
    experiment(engine)
    printed = capsys.readouterr().out
    assert rows(printed) == {"order": "✗"}
    was = [line.split("  ")[-1].strip() for line in printed.splitlines()[2:4]]
    assert was == ["statement", "flush: never"]


def test_three_dots_in_an_order_mean_that_nobody_ordered_it(engine, capsys):
    """The shuffled list of a notebook is no prediction as long as its `...` stands there."""
    predict(order=[..., "session opened", "statement"])
    experiment(engine)
    assert rows(capsys.readouterr().out) == {"order": "–"}


def test_only_the_next_recording_marks(engine, capsys):
    """A second experiment without a prediction shows nothing, and nothing is left waiting."""
    predict(statements=1)
    experiment(engine)
    capsys.readouterr()
    experiment(engine)
    assert capsys.readouterr().out == ""
    assert recorded_block.ended == []


def test_a_second_prediction_takes_the_place_of_the_first(engine, capsys):
    """Somebody who runs the cell again after a change of mind is marked once, by the change."""
    predict(statements=7)
    predict(begins=1)
    experiment(engine)
    assert rows(capsys.readouterr().out) == {"transactions begun": "✓"}


def test_an_experiment_that_raises_is_marked_all_the_same(engine, capsys):
    """What was recorded up to the exception has happened, and the exception goes on."""
    predict(statements=1)
    with pytest.raises(ZeroDivisionError):
        experiment(engine, lambda: 1 / 0)
    assert rows(capsys.readouterr().out) == {"statements sent": "✓"}


@pytest.mark.parametrize(
    ("given", "fact", "hint"),
    [
        ({"statments": 1}, "'statments' is nothing", "did you mean 'statements'?"),
        ({"zzz": 1}, "'zzz' is nothing", "known are connections_out"),
        ({"statements": "two"}, "statements='two'", "a count"),
        ({"statements": True}, "statements=True", "a count"),
        ({"statements": -1}, "statements=-1", "a count"),
        ({"status": "404"}, "status='404'", "a status such as 404"),
        ({"closed_in": "thread"}, "closed_in='thread'", "'loop', 'worker', 'main'"),
        ({"raised": 5}, "raised=5", "the name of an exception"),
        ({"order": ["statment", "BEGIN"]}, "'statment' is not a kind", "did you mean 'statement'?"),
        ({"order": ["BEGIN", "BEGIN"]}, "'BEGIN' stands in `order` twice", "keep one"),
        ({"order": "BEGIN"}, "order='BEGIN' is no order", "a list"),
        ({}, "predict() was asked for nothing", "statements"),
    ],
)
def test_what_cannot_be_marked_is_refused_before_the_experiment(given, fact, hint):
    """A misspelt name or an impossible value is an error at once, with the nearest name or what is wanted."""
    with pytest.raises(Refused) as refused:
        predict(**given)
    assert fact in refused.value.fact
    assert hint in refused.value.hint
    assert recorded_block.ended == []


def test_a_refusal_has_no_traceback_in_a_notebook():
    """IPython shows the fact and the hint, and no line of the course's own code."""
    assert Refused("It is red.", "paint it.")._render_traceback_() == ["It is red.", "", "hint: paint it."]


def test_tab_offers_every_name():
    """The signature names what can be predicted, though the function takes keywords only."""
    assert list(inspect.signature(predict).parameters) == [*QUESTIONS, "order"]


ANSWERS = {
    "sound": {
        "statements": 1, "commits": 1, "flushes": 1, "begins": 1, "checkouts": 1, "sessions_opened": 1,
        "sessions_left_open": 0, "connections_out": 0, "peak_connections": 1, "status": 201, "requests": 1,
        "raised": None, "closed": "before the response", "rollbacks": 0, "same_thread": True,
    },
    "leak": {"connections_out": 1, "sessions_left_open": 1, "status": 200, "closed": "never"},
    "many_leaks": {"connections_out": 100, "peak_connections": 100, "status": [200] * 100},
    "collected": {"collected": 1, "connections_out": 0},
    "commit_after_response": {"closed": "after the response", "commits": 1},
    "commit_failed": {"commits": 0, "failed_commits": 1, "rollbacks": 1, "status": 409},
    "deadlock": {"peak_connections": 2, "connections_out": 2, "status": []},
    "gave_up": {"errors": 1, "raised": "TimeoutError", "status": [200, 200, 500]},
    "loop_stopped": {"loop_stopped": 1, "never_awaited": 1, "statements": 1},
    "concurrent": {"peak_connections": 30, "connections_out": 0, "sessions_opened": 30},
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_a_trace_answers_the_questions(name):
    """On traces whose answers one can count by hand, every prediction of these answers is right."""
    marks = {key: mark(key, value, sample_traces.ALL[name]()) for key, value in ANSWERS[name].items()}
    assert {key: (m.verdict, m.was) for key, m in marks.items() if m.verdict != "right"} == {}


def test_every_question_has_an_answer_where_nothing_happened():
    """An empty trace answers as well: with 0, none or never, and without an error."""
    marks = [mark(name, ..., Trace()) for name in (*QUESTIONS, "order")]
    assert {m.verdict for m in marks} == {"not predicted"}


def test_the_table_escapes_what_it_shows():
    """A predicted text that looks like HTML is shown as the text that it is."""
    html = Marked([mark("raised", "<script>alert(1)</script>", Trace())])._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert 'scope="row"' in html
