"""A trace of several transactions is told as steps, each in its actor's column, with what it saw."""

import html
import re

import pytest
import sample_traces as samples

from sessionlab.drawing import Interleaving, Step
from sessionlab.drawing.columns import columns_html
from sessionlab.drawing.statement import filled
from sessionlab.recorder import Event, Trace

READ = "SELECT accounts.balance AS accounts_balance FROM accounts WHERE accounts.id = ?"
WRITE = "UPDATE accounts SET balance=%(balance)s::INTEGER WHERE accounts.id = %(id_1)s::INTEGER"


def trace(*events: tuple) -> Trace:
    """Return a trace of (kind, session, text, data) in this order; a session has a connection of its own."""
    return Trace(
        tuple(
            Event(n, kind, session=session, connection=session, text=text, data=data)
            for n, (kind, session, text, data) in enumerate(events, start=1)
        )
    )


def steps(*events: tuple) -> list[Step]:
    return list(Interleaving.of(trace(*events)).steps)


def test_each_transaction_has_a_column_and_each_step_says_what_it_saw():
    """Rows, the number of rows changed, and nothing of what is no statement."""
    assert steps(
        ("session opened", 1, "", {}),
        ("BEGIN", 1, "", {}),
        ("statement", 1, READ, {"parameters": "(1,)", "rows": [[100]], "fetched": 1, "back": 3}),
        ("statement", 2, WRITE, {"parameters": "{'balance': 70, 'id_1': 1}", "changed": 1, "back": 4}),
        ("COMMIT sent", 2, "", {}),
        ("COMMIT done", 2, "", {}),
        ("ROLLBACK", 1, "", {}),
    ) == [
        Step("session 1", "SELECT balance FROM accounts WHERE id = 1", "100"),
        Step("session 2", "UPDATE accounts SET balance=70 WHERE id = 1", "1 row changed"),
        Step("session 2", "COMMIT"),
        Step("session 1", "ROLLBACK"),
    ]


def test_what_comes_back_after_others_went_on_has_waited():
    """It stands where it was sent, and goes on where it came back."""
    assert steps(
        ("statement", 1, "UPDATE a", {"changed": 1, "back": 1}),
        ("statement", 2, "UPDATE b", {"changed": 0, "back": 4}),
        ("COMMIT sent", 1, "", {}),
        ("COMMIT done", 1, "", {}),
        ("COMMIT sent", 2, "", {}),
    ) == [
        Step("session 1", "UPDATE a", "1 row changed"),
        Step("session 2", "UPDATE b", blocked=True),
        Step("session 1", "COMMIT"),
        Step("session 2", "(goes on)", "0 rows changed"),
        Step("session 2", "COMMIT"),
    ]


def test_an_error_is_what_a_step_saw():
    """Of a statement at once, or after it had waited, and of a COMMIT."""
    assert steps(
        ("statement", 1, "UPDATE a", {}),
        ("error", 1, "IntegrityError: no", {}),
        ("statement", 2, "UPDATE b", {}),
        ("COMMIT sent", 1, "", {}),
        ("COMMIT failed", 1, "IntegrityError: late", {}),
        ("error", 2, "OperationalError: locked", {}),
    ) == [
        Step("session 1", "UPDATE a", "IntegrityError: no"),
        Step("session 2", "UPDATE b", blocked=True),
        Step("session 1", "COMMIT", "IntegrityError: late"),
        Step("session 2", "(goes on)", "OperationalError: locked"),
    ]


def test_many_rows_are_counted_and_none_is_said():
    """The first rows, and how many there were."""
    one, two = steps(
        ("statement", 1, "SELECT 1", {"rows": [[1, "a"], [2, None]], "fetched": 7}),
        ("statement", 1, "SELECT 2", {"rows": [], "fetched": 0}),
    )
    assert (one.saw, two.saw) == ("1, a; 2, None; … (7 rows)", "no row")


def test_requests_and_calls_name_the_columns():
    """By what was asked; two that asked the same have their numbers."""
    asked = [
        Event(1, "call started", request=1, text="pay(30)"),
        Event(2, "call started", request=2, text="pay(30)"),
        Event(3, "call started", request=3, text="pay(80)"),
        *(Event(3 + n, "statement", request=n, text=f"SELECT {n}") for n in (1, 2, 3)),
    ]
    actors = [step.actor for step in Interleaving.of(Trace(tuple(asked))).steps]
    assert actors == ["pay(30) #1", "pay(30) #2", "pay(80)"]


@pytest.mark.parametrize(
    ("text", "parameters", "told"),
    [
        (
            "SELECT a.x FROM a WHERE a.id = ? AND a.n = ?",
            "(1, 'it''s')",
            "SELECT x FROM a WHERE id = 1 AND n = 'its'",
        ),
        ("SELECT ? , '?'", "(None,)", "SELECT NULL , '?'"),
        (
            "UPDATE a SET b=$2::VARCHAR WHERE c = $1",
            '(True, "it\'s")',
            "UPDATE a SET b='it''s' WHERE c = true",
        ),
        ("SELECT %(n)s::INTEGER, %(m)s", "{'n': 5}", "SELECT 5, %(m)s"),
        ("SELECT ?, ?", "(1,)", "SELECT 1, ?"),
        ("INSERT INTO a (b) VALUES (?)", "[(1,), (2,)]", "INSERT INTO a (b) VALUES (?)"),
        ("SELECT ?", "(datetime.date(2026, 1, 1),)", "SELECT ?"),
        ("SELECT ?", "('cut o", "SELECT ?"),
        ("SELECT a.x FROM a JOIN b ON a.id = b.id", "()", "SELECT a.x FROM a JOIN b ON a.id = b.id"),
        ("COMMIT", "", "COMMIT"),
    ],
)
def test_parameters_stand_in_their_places(text, parameters, told):
    """In each driver's style; what can't be read, or is for many rows, leaves the statement as it is."""
    assert filled(text, parameters) == told


def test_a_page_shows_the_same_as_a_terminal_and_hostile_text_as_it_was():
    """A column for each actor, a row for each step; nothing of a text becomes a tag."""
    hostile = "<script>alert('&amp;')</script>"
    table = columns_html([Step("T1", hostile, hostile, blocked=True), Step("<b>T2</b>", "COMMIT")])
    assert "<script" not in table
    assert "<b>" not in table
    cells = [html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", table)]
    assert cells[2] == f"<code>{hostile}</code><br><em>waits…</em><br>→ {hostile}"
    assert cells[4:] == ["2", "┊", "<code>COMMIT</code>"]


def test_an_interleaving_shows_itself():
    """As columns in a terminal, as a table in Jupyter."""
    shown = Interleaving.of(trace(("statement", 1, "SELECT 1", {})))._repr_mimebundle_()
    assert shown["text/plain"].splitlines()[-1] == "1  SELECT 1"
    assert shown["text/markdown"].splitlines()[-1] == "| 1 | <code>SELECT 1</code> |"


def test_columns_tell_what_the_driver_sent():
    """BEGIN stands above the statement that it was sent for, and a COMMIT that was not sent says so."""
    steps = Interleaving.of(samples.not_sent()).steps
    assert [(step.actor, *step.text.splitlines()) for step in steps] == [
        ("read()", "SAVEPOINT one"),
        ("read()", "SELECT id, owner, balance FROM account WHERE id = ?"),
        ("read()", "RELEASE SAVEPOINT one"),
        ("read()", "COMMIT: nothing to end"),
        ("write()", "SELECT id, owner, balance FROM account WHERE id = ?"),
        ("write()", "BEGIN", "INSERT INTO account (owner, balance) VALUES (?, ?)"),
        ("write()", "COMMIT, by the driver"),
        ("write()", "ROLLBACK: nothing to end"),
    ]
