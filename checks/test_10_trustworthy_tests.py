"""10 trustworthy_tests: tests that pass on a good bank, and fail on each of eight broken ones."""

import ast
import functools
import re
from pathlib import Path

import pytest

from sessionlab.verdict import Failed, Mistake, Trace, expect

MISTAKES = {
    "LEFT_ROWS": Mistake(
        "This test passes alone and fails after others: it meets rows that another test, or an earlier run, has left.",
        "The rule and its cost",
    ),
    "NEEDS_OTHERS": Mistake(
        "This test passes only after another one: it builds on rows that the other stores.",
        "The rule and its cost",
    ),
    "KNOWS_INSIDE": Mistake(
        "This test passes on one good bank, and fails on another that keeps the same contract. A mock in the session's "
        "place, or a call of an endpoint's function, tests how the work is done, and not what comes of it.",
        "The rule and its cost",
    ),
    "SAVEPOINT_STAYS": Mistake(
        "The outer transaction was rolled back, and its rows are still there: in its legacy mode Python's sqlite3 "
        "sends no BEGIN before a SAVEPOINT, so releasing the savepoint is the commit.",
        "Symptoms",
    ),
    "IN_MEMORY": Mistake(
        "Each thread that connects to an in-memory SQLite gets a database of its own, and yours has the tables.",
        "Symptoms",
    ),
    "NO_LIFESPAN": Mistake(
        "The app was asked before its start-up had run. TestClient runs it in a `with` block only, and "
        "httpx's ASGITransport not at all.",
        "Symptoms",
    ),
    "SKIPPED": Mistake("A test that is skipped, or expected to fail, guards nothing.", "The exercise"),
    "SHARED_SESSION": Mistake(
        "The app worked in the test's own session. That one sees what it has sent itself, committed or not, and what "
        "fails in the app has failed in the test's hands.",
        "What really happens",
    ),
    "NOT_SENT": Mistake(
        "No test sends a request that this bank answers wrongly: it does the rest as the good bank does.",
        "The rule and its cost",
    ),
    "NOT_LOOKED": Mistake(
        "A test sent the request, and believed the answer: no session and no GET looked afterwards at what is stored.",
        "The rule and its cost",
    ),
    "ONE_SIDE": Mistake(
        "Something was read after a transfer, and no test compares the balance of the account that receives.",
        "The rule and its cost",
    ),
    "ANY_STATUS": Mistake(
        "A test sent the request, got a status that the contract does not allow, and passed all the same.",
        "The rule and its cost",
    ),
    "REAL_DATABASE": Mistake(
        "Your tests worked in the database that DATABASE_URL names: the one with the customers.",
        "The rule and its cost",
    ),
    "OVERRIDE_LEFT": Mistake(
        "An override stays in the app until somebody takes it out, and whoever uses the app next gets it, too.",
        "The rule and its cost",
    ),
    "FILE_LEFT": Mistake(
        "A relative path lies wherever pytest was started, and the next run finds what this one has left.",
        "The rule and its cost",
    ),
}

HINTS = {
    "good_app_passes": [
        "Would this test pass alone, and would it pass twice in a row on what it leaves?",
        "In the trace of the test that fails, look for the first answer that you did not expect.",
        "What one test stores, the next one finds, unless each has a database of its own.",
        "README, “The rule and its cost”",
    ],
    "forgotten_commit": [
        "After a 201, who could say that the row is there for good?",
        "In the trace of the request, look for a COMMIT. Which session read the row afterwards?",
        "The session that sent the INSERT sees its row without any COMMIT; only another connection proves one.",
        "README, “What really happens”",
    ],
    "half_transfer_kept": [
        "A transfer was refused. What must be as it was before?",
        "In the trace of the refused request, look for an UPDATE and a COMMIT.",
        "A status says what the app believes. The balance after a refusal has to be read.",
        "README, “The rule and its cost”",
    ],
    "duplicate_500": [
        "Which status do you ask for, when one owner opens a second account?",
        "In the trace, look for an IntegrityError and what was answered after it.",
        "500 is an error as well, but nobody has promised it: ask for the status in the contract.",
        "README, “The rule and its cost”",
    ],
    "unknown_account": [
        "Which test asks for an account that nobody has opened?",
        "In the trace, look for a GET that found no row: what was its status?",
        "A body without an account is no proof: the contract says 404.",
        "README, “The rule and its cost”",
    ],
    "error_answered_200": [
        "How does a program that reads no English learn that its transfer was refused?",
        "Look at the status of the transfer to an account that is not there.",
        "That no balance has changed is half of it; the other half is the status.",
        "README, “The rule and its cost”",
    ],
    "credit_missing": [
        "Whose balances does a transfer change?",
        "In the trace of the transfer, look at what the UPDATE was given: whose balance does it set?",
        "Money that leaves one account has to arrive in another: read both.",
        "README, “The rule and its cost”",
    ],
    "negative_amount": [
        "What is the smallest amount that you have tried, and what lies beyond it?",
        "Look for a transfer in your tests whose amount is no fair one.",
        "A bound is tested on both sides: the last value that is allowed, and the first that is not.",
        "README, “The rule and its cost”",
    ],
    "overdraft": [
        "What is the largest amount that you have tried, and what lies beyond it?",
        "Look for a transfer in your tests of more than the source holds.",
        "A bound is tested on both sides: all that the source holds, and one more.",
        "README, “The rule and its cost”",
    ],
    "leaves_no_trace": [
        "If somebody ran your tests on the machine where the real bank runs, what would be different afterwards?",
        "Look at the engines and files of your fixtures: who made each, and who takes it away?",
        "Each test gets a database below tmp_path, and takes back what it put into an app that others use.",
        "README, “The rule and its cost”",
    ],
}

# Each run finds what the one before has left, as it is with a program that is started again.
ORDERS = {
    "given": "in the order of the file",
    "reverse": "in reverse order",
    "seed 1": "in a shuffled order",
    "seed 2": "in another shuffled order",
}
LEAST = 5
REWRITTEN = Path(__file__).with_name("rewritten_10_trustworthy_tests.py")

STARTED, DONE, ANSWERED = "request started", "request done", "response started"

IN_MEMORY = ("sqlite://", "sqlite:///:memory:")

# These are seen in what is stored; the others in the status of the answer.
STORED = ("forgotten_commit", "half_transfer_kept", "credit_missing")

# The bank as its customers use it, when somebody runs the tests beside it.
REAL = (
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner VARCHAR NOT NULL UNIQUE, balance INTEGER NOT NULL)",
    "CREATE TABLE transfers (id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES accounts (id), "
    "target_id INTEGER NOT NULL REFERENCES accounts (id), amount INTEGER NOT NULL)",
    "INSERT INTO accounts (owner, balance) VALUES ('Wilhelmina', 120000), ('Xaver', 5)",
    "INSERT INTO transfers (source_id, target_id, amount) VALUES (1, 2, 5)",
)


def test_good_app_passes(bare_host, given, known):
    """Your tests pass on the good bank: at least five of them, in any order, run after run."""
    for order, told in ORDERS.items():
        # How the bank is written is its own affair: from the second run on it is written differently.
        bank = given if order == "given" else {**given, "bank.py": _rewritten(given["bank.py"])}
        run = _on_good(bare_host, known, bank, order=order)
        known.setdefault("passing", _passed(run))
        _ran(run)
        _all_pass(bare_host, given, bank, told, run)
        expect(
            len(run.tests) >= LEAST,
            observed=f"your file has {_count(len(run.tests), 'test')}",
            expected=f"at least {LEAST} tests",
            trace=Trace(),
        )


def test_forgotten_commit(caught):
    """A bank that forgets to commit a new account is caught."""
    caught("forgotten_commit", lambda sent: sent.is_("POST /accounts", 201))


def test_half_transfer_kept(caught):
    """A bank that keeps the debit of a transfer that it refuses is caught."""
    caught(
        "half_transfer_kept", lambda sent: sent.is_("POST /transfers", 404) and sent.ran("UPDATE accounts")
    )


def test_duplicate_500(caught):
    """A bank that falls over a second account of one owner is caught."""
    caught("duplicate_500", lambda sent: sent.raised("IntegrityError"))


def test_unknown_account(caught):
    """A bank that answers 200 for an account that is not there is caught."""
    caught("unknown_account", lambda sent: sent.is_("GET /accounts/", 200) and sent.null())


def test_error_answered_200(caught):
    """A bank that answers 200 where it refuses a transfer is caught."""
    caught("error_answered_200", lambda sent: sent.is_("POST /transfers", 200))


def test_credit_missing(caught):
    """A bank whose transfers arrive nowhere is caught."""
    caught("credit_missing", lambda sent: sent.is_("POST /transfers", 201))


def test_negative_amount(caught):
    """A bank that transfers amounts below 1 is caught."""
    below_1 = r"(-\d+|\b0)\)\]?$"  # the amount is the last of the three parameters
    caught("negative_amount", lambda sent: sent.ran("INSERT INTO transfers", below_1))


def test_overdraft(caught):
    """A bank that transfers more than the source holds is caught."""
    caught("overdraft", lambda sent: sent.ran("UPDATE accounts", r"-\d"))


def test_leaves_no_trace(bare_host, given, database, known):
    """The tests leave nothing: not in the real database, not in the app, not on the disk."""
    for statement in REAL:
        database.execute(statement)
    before = _content(database)
    run = _on_good(bare_host, known, given, look=["bank:app.dependency_overrides"])
    expect(
        _content(database) == before,
        observed=f"in the database that DATABASE_URL names, {_changed(before, _content(database))}",
        expected="what DATABASE_URL names is as it was before your tests",
        mistake="REAL_DATABASE",
        trace=Trace(),
    )
    left = run.looked[0]
    expect(
        not left,
        observed=f"after your tests bank.app.dependency_overrides still holds {_count(len(left or {}), 'override')}",
        expected="bank.app.dependency_overrides is empty when your tests are done",
        mistake="OVERRIDE_LEFT",
        trace=Trace(),
    )
    expect(
        not run.left,
        observed=f"your tests left {', '.join(run.left[:3])}",
        expected="your tests leave no file outside tmp_path",
        mistake="FILE_LEFT",
        trace=Trace(),
    )


@pytest.fixture(scope="module")
def known():
    """What the checks of one grading have found out.

    Under "passing" it is the tests that pass on the good bank, under "endless" the failure of a run without an end.
    """
    return {}


@pytest.fixture
def caught(bare_host, given, mutants, known):
    """Expect that a mutant is caught."""
    return functools.partial(_caught, bare_host, given, mutants, known)


def _on_good(host, known, bank, **options):
    """Run the tests on a good bank; once they have not come to their end there, no other check waits for it again."""
    if "endless" in known:
        raise known["endless"]
    try:
        return host.run_tests(bank, **options)
    except Failed as failed:
        if failed.mistake == "STUCK" and "passing" not in known:
            known["endless"] = failed
        raise


def _rewritten(source):
    """Return the source of the same bank, with other endpoints in the place of its own."""
    other = ast.parse(REWRITTEN.read_text(encoding="utf-8"))
    endpoints = {node.name: node for node in other.body if isinstance(node, ast.FunctionDef)}
    bank = ast.parse(source)
    bank.body = [endpoints.get(getattr(node, "name", ""), node) for node in bank.body]
    return ast.unparse(bank)


def _passed(run):
    return {test.name for test in run.of("passed")}


def _ran(run):
    """Expect that pytest found the tests and ran each to its end."""
    first = run.collection[0] if run.collection else ""
    expect(not run.collection, observed=f"pytest stopped while it was looking for your tests: {first}",
           expected="pytest finds your tests", trace=Trace())  # fmt: skip
    left_out = run.of("not run")
    observed = f"{left_out[0].name} was not run: {run.stopped}" if left_out else run.stopped
    expect(not run.stopped, observed=observed, expected="each test runs to its end", trace=Trace())
    idle = run.of("skipped", "xfailed", "xpassed")
    how = {"skipped": "was skipped", "xfailed": "is expected to fail", "xpassed": "is expected to fail"}
    observed = f"{idle[0].name} {how[idle[0].outcome]}" if idle else ""
    expect(not idle, observed=observed, expected="each test is run, and expected to pass",
           mistake="SKIPPED", trace=Trace())  # fmt: skip


def _all_pass(host, given, bank, told, run):
    failing = run.unhappy
    if not failing:
        return
    trace = host.trace()
    mistake = _why_failing(host, given, bank, run, trace)
    inside = mistake == "KNOWS_INSIDE"
    good = "a good bank that is written differently" if inside else "the good bank"
    fail = "fails" if len(failing) == 1 else "fail"
    head = f"on {good}, {told}, {len(failing)} of your {len(run.tests)} tests {fail}"
    expect(
        False,
        observed="\n".join([head, *(f"{test.name}: {test.error}" for test in failing[:3])]),
        expected="every test passes on a good bank, however that is written"
        if inside
        else "every test passes on the good bank, whatever ran before it",
        mistake=mistake,
        trace=_from_work_on(_during(trace, failing[0])),
    )


def _why_failing(host, given, bank, run, trace):
    """Name the mistake behind a test that fails on the good bank, as far as its error and further runs show it."""
    test = run.unhappy[0]
    text = test.error.text
    if "no such table" in text and any(event.text in IN_MEMORY for event in trace.of("engine made")):
        return "IN_MEMORY"
    if "'State' object has no attribute 'sessions'" in text:
        return "NO_LIFESPAN"
    shared = any(sent.in_a_foreign_session() for sent in _requests(trace, run))
    if "transaction has been rolled back" in text and shared:
        return "SHARED_SESSION"
    if not _passes_alone(host, bank, test):
        return None if bank is given else _why_alone(host, given, test)
    begun = [event for event in trace.of("statement") if event.text.startswith("BEGIN")]
    return "SAVEPOINT_STAYS" if trace.of("SAVEPOINT") and not begun else "LEFT_ROWS"


def _why_alone(host, given, test):
    """Name the mistake of a test that fails alone on the bank that is written differently."""
    return "KNOWS_INSIDE" if _passes_alone(host, given, test) else "NEEDS_OTHERS"


def _passes_alone(host, bank, test):
    return bool(host.run_tests(bank, only=[test.name], fresh=True).of("passed"))


def _during(trace, test):
    """Return what happened during a test."""
    began = trace.first("call started", request=test.request)
    ended = trace.last("call done", request=test.request)
    return trace.after(began).until(ended) if began and ended else Trace()


def _from_work_on(trace):
    """Return a trace from its first session or request on, if there is one."""
    first = trace.first("session opened", STARTED)
    return Trace(tuple(event for event in trace if first is None or event.n >= first.n))


def _caught(host, given, mutants, known, name, goes_wrong):
    """Expect that a test which passes on the good bank does not pass on this mutant.

    `goes_wrong` tells the requests that the mutant answers, or serves, unlike the good bank.
    """
    mutant = mutants[name]
    run, caught = _tried(host, given, {**given, mutant.module: mutant.source}, known)
    sent = [] if caught else [one for one in _requests(host.trace(), run) if goes_wrong(one)]
    expect(
        caught,
        observed=f"{_survived(run)}\nwhat is wrong in it: {mutant.what}\nwhat comes of that: {mutant.suffered}",
        expected=f"a test that passes on the good bank fails on this one, which breaks sentence {mutant.breaks} of "
        f"{mutant.module}: “{mutant.promise}”",
        mistake=_why_survived(name, run, sent),
        trace=sent[0].trace_on if sent else Trace(),
    )


def _tried(host, given, broken, known):
    """Return a run on a broken bank, and whether a test that fails there passes on the good one."""
    if "passing" not in known:
        known["passing"] = _passed(_on_good(host, known, given, fresh=True))
    run = host.run_tests(broken, stop=True, fresh=True)
    if run.unhappy and run.unhappy[0].name not in known["passing"]:
        run = host.run_tests(broken, fresh=True)  # another test may do better than the first that fails
    return run, any(test.name in known["passing"] for test in run.unhappy)


def _survived(run):
    """Say in what way a broken bank got by."""
    if run.collection:
        return (
            f"on a broken bank your tests could not be collected, which catches nothing: {run.collection[0]}"
        )
    if run.unhappy:
        return f"{run.unhappy[0].name} fails on a broken bank, and on the good one as well"
    if run.stopped:
        return f"on a broken bank your tests stopped early, which catches nothing: {run.stopped}"
    passed, every = len(run.of("passed")), len(run.tests)
    return (
        f"on a broken bank {'all' if passed == every else passed} of your {every} tests pass, and none fails"
    )


def _why_survived(name, run, sent):
    """Name the mistake that lets a mutant survive, as far as the requests show it that went wrong."""
    if name == "forgotten_commit" and any(one.in_a_foreign_session() for one in sent):
        return "SHARED_SESSION"
    if run.unhappy or run.collection or run.stopped:
        return None  # something else is to be mended first
    if not sent:
        return "NOT_SENT"
    if name not in STORED:
        return "ANY_STATUS"
    if not any(one.looked_at_afterwards() for one in sent):
        return "NOT_LOOKED"
    return "ONE_SIDE" if name == "credit_missing" else None


class _Sent:
    """One request that a test has sent: its own events, and those from its beginning to the end of its test."""

    def __init__(self, test, began):
        self.text = began.text
        self.own = test.request(began.request)
        self.trace_on = Trace(tuple(event for event in test if event.n >= began.n))

    def is_(self, text, status):
        """Say whether this is such a request, answered with this status."""
        answered = self.own.first(ANSWERED)
        return self.text.startswith(text) and answered is not None and answered.data["status"] == status

    def ran(self, statement, parameters=""):
        """Say whether the app sent such a statement, with parameters that fit this pattern."""
        return any(
            event.text.startswith(statement) and re.search(parameters, event.data["parameters"])
            for event in self.own.of("statement")
        )

    def raised(self, name):
        """Say whether the database answered with this exception."""
        return any(event.text.startswith(name) for event in self.own.of("error"))

    def null(self):
        """Say whether the body is JSON's null."""
        return sum(event.data["bytes"] for event in self.own.of("body", "response done")) == len("null")

    def in_a_foreign_session(self):
        """Say whether the app worked in a session that was not opened for this request."""
        worked = {event.session for event in self.own.of("statement") if event.session is not None}
        return bool(worked - {event.session for event in self.own.of("session opened")})

    def looked_at_afterwards(self):
        """Say whether anything was read after this request, in the same test: by itself, or by a GET."""
        done = self.own.last(DONE)
        later = self.trace_on.after(done) if done else Trace()
        posted = {event.request for event in later.of(STARTED) if event.text.startswith("POST")}
        return any(
            event.text.startswith("SELECT") and event.request not in posted for event in later.of("statement")
        )


def _requests(trace, run):
    """Yield each request of each test of a run."""
    for test in run.tests:
        inside = _during(trace, test)
        yield from (_Sent(inside, began) for began in inside.of(STARTED))


def _content(database):
    """Return every row of every table, as the judge finds them."""
    tables = [
        name for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    return {name: sorted(database.rows(f'SELECT * FROM "{name}"'), key=repr) for name in tables}


def _changed(before, now):
    """Say how the content differs."""
    told = [f"the table {name} is gone" for name in sorted(before.keys() - now.keys())]
    told += [f"there is a new table {name}" for name in sorted(now.keys() - before.keys())]
    for name in sorted(before.keys() & now.keys()):
        old, new = set(before[name]), set(now[name])
        if old != new:
            told.append(f"{name} has lost {_count(len(old - new), 'row')} and gained {len(new - old)}")
    return ", ".join(told)


def _count(number, noun):
    return f"{number} {noun}" + ("" if number == 1 else "s")
