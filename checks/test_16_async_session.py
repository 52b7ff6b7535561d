"""16 async_session: what waits must not stop the event loop, and what can be awaited must be."""

import re
from contextlib import contextmanager

import pytest

from sessionlab.verdict import Failed, Mistake, Raise, expect, needs

MISTAKES = {
    "SYNC_IN_ASYNC": Mistake(
        "A synchronous session works inside `async def`. Its statements run on the event loop's own thread, and as "
        "long as the database takes, no other request is served.",
        "What really happens",
    ),
    "NOT_AWAITED": Mistake(
        "Calling an `async def` function runs nothing: it returns a coroutine. What it was to do is done when "
        "somebody awaits it, and here nobody did.",
        "What really happens",
    ),
    "AWAITED_PLAIN": Mistake(
        "Not every call of an AsyncSession is awaited. What changes only the session's memory, as `add` does, is "
        "a plain function and returns nothing that could be awaited.",
        "Which calls are awaited",
    ),
    "LOADED_ON_ACCESS": Mistake(
        "An attribute had to be loaded from the database where it was read, and reading an attribute is no "
        "`await`. COMMIT had expired it.",
        "The rule and its cost",
    ),
    "SLOW_ON_LOOP": Mistake(
        "A plain function that takes its time was called from `async def`. It runs on the event loop's thread, and "
        "nobody else is served until it returns. Being a background task changes nothing about that.",
        "The rule and its cost",
    ),
    "RUN_SYNC": Mistake(
        "`run_sync` starts no thread. It runs the function on the event loop's thread, where only SQLAlchemy's own "
        "calls know how to step aside.",
        "The rule and its cost",
    ),
    "UNHEARD": Mistake(
        "screen raised, and the request went on: what it raised stays in a future until somebody awaits that.",
        "The exercise",
    ),
    "SCREENED_LATE": Mistake(
        "The owner was screened when the 201 was under way: what is a background task runs after the response, and "
        "nothing that it raises can change that any more.",
        "The exercise",
    ),
    "SHARED_SESSION": Mistake(
        "Two requests worked inside one session, and so inside one transaction. That an AsyncSession lives on the "
        "loop does not make its users take turns.",
        "The rule and its cost",
    ),
    "ONE_AT_A_TIME": Mistake(
        "One request at a time: the second one could not even send its SELECT while the first one was waiting for the "
        "database. A session for each request needs no lock around it.",
        "The rule and its cost",
    ),
    "NO_CLOSE": Mistake(
        "Nobody closes the session. FastAPI ends a generator, by running what stands after its `yield`; what a "
        "function returned is not its to close.",
        "The rule and its cost",
    ),
    "NO_FINALLY": Mistake(
        "The line after `yield` runs only if nothing is raised there, and an endpoint's exception is raised there.",
        "The rule and its cost",
    ),
    "LEFT_OUT": Mistake(
        "A connection was checked out past the session, and nobody gave it back.",
        "The exercise",
    ),
    "ENGINE_AT_IMPORT": Mistake(
        "The engine was made before the app started. It belongs to no event loop and to no test, and the URL that "
        "`create_app` gets comes too late for it.",
        "The exercise",
    ),
    "ENGINE_KEPT": Mistake(
        "The second start-up made no engine: an engine that was disposed, or one of another event loop, serves again.",
        "The exercise",
    ),
    "TWO_ENGINES": Mistake(
        "One start-up made several engines. Each has a pool of its own, and each has to be disposed.",
        "The exercise",
    ),
    "NOT_DISPOSED": Mistake(
        "The app has shut down, and its engine still holds its connections. Nobody else disposes it.",
        "The exercise",
    ),
    "HEALTH_ASKS": Mistake(
        "The health check waits for the database as everybody else does: it needs a connection of the same pool.",
        "The exercise",
    ),
    "OTHER_DEPENDENCY": Mistake(
        "The endpoints do not ask for get_async_db by `Depends(get_async_db)`, so an override of it changes nothing.",
        "The exercise",
    ),
    "NO_TABLES": Mistake(
        "Nobody made the tables. FastAPI runs the lifespan at start-up, and where there is one, no `startup` handler.",
        "The exercise",
    ),
    "TWO_TRANSACTIONS": Mistake(
        "The two rows were stored by two transactions. Whoever comes in between sees one of them, and where the second "
        "COMMIT fails, it stays alone.",
        "The exercise",
    ),
    "MAILED_EARLY": Mistake(
        "The mailer was called before COMMIT, which then failed. A mail can't be rolled back.",
        "The exercise",
    ),
    "SAVEPOINT": Mistake(
        "A savepoint was released, the transaction rolled back, and the row is there. Python's SQLite driver, as "
        "it is by default, begins no transaction for a SAVEPOINT: releasing the outermost one stores for good.",
        "The exercise",
    ),
    "NO_COMMIT": Mistake(
        "Nothing was committed. Closing a session rolls back whatever it has not committed.",
        "The exercise",
    ),
    "AFTER_RESPONSE": Mistake(
        "The transaction ends in code after a `yield` that FastAPI runs when the response is through.",
        "The exercise",
    ),
    "COMMIT_UNGUARDED": Mistake(
        "COMMIT raised the error, and nothing there turns it into a 409. A deferred constraint lets the INSERT "
        "pass: an `except` around the flush never sees it.",
        "The exercise",
    ),
    "FLUSH_UNGUARDED": Mistake(
        "The INSERT raised the error, and nothing there turns it into a 409.",
        "The exercise",
    ),
    "NOT_ROLLED_BACK": Mistake(
        "COMMIT failed, and the session was closed without a rollback. On SQLite a failed COMMIT leaves the "
        "transaction open, and SQLAlchemy 2.1 pooled the connection like that: the next request went on in it.",
        "The exercise",
    ),
    "NO_FOREIGN_KEYS": Mistake(
        "COMMIT had no objection: SQLite checks foreign keys only on connections that ask for it. "
        "`enforce_foreign_keys` lets each connection of an engine ask.",
        "The exercise",
    ),
    "SCREENED_FIRST": Mistake(
        "The owner was screened before the INSERT, and it is the INSERT that finds a duplicate.",
        "The exercise",
    ),
    "CAUGHT_ALL": Mistake(
        "Whatever went wrong was taken for a conflict. Here the database had no objection: `screen` raised.",
        "The exercise",
    ),
    "COMMITTED_EARLY": Mistake(
        "COMMIT came before `screen`, so nothing was left to roll back when it raised.",
        "The exercise",
    ),
}

HINTS = {
    "answers": [
        "Which of your calls return something that has to be awaited, and which have done their work already?",
        "In the trace of the request, look for the first error, and for the line that it names.",
        "`add` is not awaited, `flush` and `get` are. After a COMMIT an expired attribute would have to be loaded.",
        "README, “Which calls are awaited”",
    ],
    "own_session": [
        "Where is the session made: once, or once a request?",
        "Compare the sessions of the two SELECTs in the trace.",
        "Tasks take turns at every `await`, so two requests are inside one session at the same time.",
        "README, “The rule and its cost”",
    ],
    "readable_before_response": [
        "A client reads what you have confirmed. Which comes first: its SELECT, or your COMMIT?",
        "Compare the places of `response 201` and `COMMIT` in the trace. Is there a COMMIT?",
        'Commit in the endpoint and await it, or let the exit code run earlier, by `scope="function"`.',
        "README, “The exercise”",
    ],
    "one_transaction": [
        "How many COMMITs does one POST send, and what can others see after the first?",
        "Look for the two INSERTs in the trace, and for what stands between them.",
        "One session, one COMMIT: what belongs together goes into one transaction.",
        "README, “The exercise”",
    ],
    "commit_time_conflict": [
        "Which statement does the database refuse where the branch is unknown?",
        "Look for `COMMIT failed` in the trace, and where the error went from there.",
        "The INSERT passes, COMMIT raises. What answers 409 has to stand where that error arrives.",
        "README, “The exercise”",
    ],
    "duplicate_conflict": [
        "Who knows whether an owner has an account: your SELECT, or the UNIQUE constraint?",
        "Look for the error under the INSERT in the trace, and for the call of `screen`.",
        "The INSERT is the question. Flush before you screen, and answer 409 where it raises.",
        "README, “The exercise”",
    ],
    "rejected_leaves_nothing": [
        "Who gets what `screen` raises, where it runs in another thread?",
        "Look for `COMMIT` above `calls screen`, and for what follows the call.",
        "Await the call, inside the transaction, before anything is committed.",
        "README, “The exercise”",
    ],
    "statements_off_the_loop": [
        "Which thread sends your statements, and what else does that thread have to do?",
        "The trace marks each statement that stops the event loop, and names its line.",
        "`async def` moves nothing off the loop. An AsyncSession, awaited, steps aside while the database works.",
        "README, “What really happens”",
    ],
    "health_while_waiting": [
        "One request waits for the database. Who serves the next one?",
        "Compare the place of `GET /health` in the trace with the statement that was held.",
        "The loop serves others only while it is awaited; and a health check that needs a connection waits, too.",
        "README, “What really happens”",
    ],
    "slow_calls_off_the_loop": [
        "On which thread do `screen` and `mailer` run?",
        "Look at the call in the trace: does it stand on the loop's thread?",
        "A plain function that waits belongs in a worker thread, and the coroutine awaits that.",
        "README, “The rule and its cost”",
    ],
    "all_awaited": [
        "What does a coroutine do that nobody awaits?",
        "The trace names each coroutine that was never awaited, and the line that made it.",
        "It does nothing, and Python says so in a warning that a log swallows. Write the `await`.",
        "README, “Which calls are awaited”",
    ],
    "sessions_closed": [
        "Who closes the session, and on which ways out?",
        "Look for the last event of the session: is it `session closed`?",
        "`async with` around the `yield` closes after success, error and crash, and awaits it.",
        "README, “The rule and its cost”",
    ],
    "override_honoured": [
        "How does a test put another database in the place of yours?",
        "The row went to the app's own database, though get_async_db was overridden.",
        "`app.dependency_overrides[get_async_db]` replaces what `Depends(get_async_db)` asks for.",
        "README, “The exercise”",
    ],
    "engine_lifecycle": [
        "How long does an engine live, and who ends it?",
        "Compare the `engine made` and `engine disposed` events with the app's start and end.",
        "Make it in the lifespan, before its `yield`, and await its `dispose()` afterwards.",
        "README, “The exercise”",
    ],
}

CALLED, STATEMENT, ERROR = "called", "statement", "error"
OPENED, CLOSED, WANTED = "session opened", "session closed", "connection wanted"
COMMIT_SENT, COMMIT_DONE, COMMIT_FAILED = "COMMIT sent", "COMMIT done", "COMMIT failed"
STARTED, DONE = "response started", "request done"
MADE, DISPOSED = "engine made", "engine disposed"
NEVER_AWAITED = "never awaited"
USER = {"X-User": "teller"}
REJECTED = Raise("bank:Rejected", ("Ada is on a list",))
CRASH = Raise("builtins:RuntimeError", ("screening is down",))


def test_answers(app, host, database):
    """Each endpoint answers as the contract says."""
    created = _answers(app, _post(app), 201)
    number = created.json.get("id") if isinstance(created.json, dict) else None
    expect(
        created.json == {"id": number, "owner": "Ada"} and type(number) is int,
        observed=str(created),
        expected='POST /accounts answers {"id": a number, "owner": "Ada"}',
    )
    _answers(app, app.post("/accounts", {"owner": "Bo", "branch_id": 1}), 422, "without X-User")
    for body in ({"owner": "", "branch_id": 1}, {"owner": "Bo", "branch_id": "one"}, {"owner": "Bo"}):
        _answers(app, app.post("/accounts", body, headers=USER), 422, f"to {body}")
    _insert(database, "Bo", 77)
    found = _answers(app, app.get("/accounts/77"), 200)
    expect(
        found.json == {"id": 77, "owner": "Bo"},
        observed=str(found),
        expected='GET /accounts/77 answers {"id": 77, "owner": "Bo"}',
    )
    _answers(app, app.get("/accounts/999"), 404)
    _answers(app, app.get("/health"), 200)
    _called_once(host, created, "screen", "Ada")
    _called_once(host, created, "mailer", number)


def test_own_session(app, host, database):
    """Two requests that are in progress at the same time have a session each."""
    _insert(database, "Ada", 1)
    first, second = _overlapping(app, host)
    trace = host.trace()
    shared = set(trace.request(first.request).sessions) & set(trace.request(second.request).sessions)
    expect(
        not shared,
        observed=f"both requests used session {min(shared, default='')}",
        expected="two requests at the same time use a session each",
        mistake="SHARED_SESSION",
    )


def test_readable_before_response(app, host, database):
    """When a 201 starts, another connection can read the account and its audit row."""
    with host.hold(STARTED, "201") as gate:
        running = _start(app)
        held = gate.wait(running)
        accounts, audits, found = _accounts(database), _audits(database), _found(database)
    response = _answers(app, running.result(), 201)
    number = (response.json or {}).get("id")
    expect(
        held and accounts == ["Ada"] and audits == [("teller", number)],
        observed=f"the 201 was held at its start, and {found}",
        expected="before the first byte of a 201 leaves, everybody can read Ada's account and its audit row",
        mistake=_why_late(host, response),
        trace=host.trace(response.request),
    )


@needs("readable_before_response")
def test_one_transaction(app, host, database):
    """The account and its audit row appear to others together."""
    with host.hold(COMMIT_SENT, skip=1) as gate:
        running = _start(app)
        held = gate.wait(running)
        accounts, audits, found = _accounts(database), _audits(database), _found(database)
    response = _answers(app, running.result(), 201)
    expect(
        not held or len(accounts) == len(audits),
        observed=f"POST /accounts was held before its second COMMIT, and {found}",
        expected="whoever sees the account sees its audit row",
        mistake="TWO_TRANSACTIONS",
        trace=host.trace(response.request),
    )


def test_commit_time_conflict(app, host, database):
    """An unknown branch, which the database reports at COMMIT only, is a 409 and stores nothing."""
    response = _post(app, branch=9)
    own = host.trace(response.request)
    expect(
        not own.of(COMMIT_DONE),
        observed=f"{response}, and the database had nothing against branch 9",
        expected="the database refuses an account whose branch does not exist",
        mistake="NO_FOREIGN_KEYS",
        trace=own,
    )
    _answers(app, response, 409, "where there is no branch 9")
    _unmailed(own, response)
    _nothing(host, database, response)
    _recovers(app, host, own)


def test_duplicate_conflict(app, host, database):
    """An owner who has an account already is a 409, and is not screened."""
    _insert(database, "Ada", 77)
    response = _answers(app, _post(app), 409, "where Ada has an account")
    own = host.trace(response.request)
    called = own.first(CALLED)
    expect(
        called is None,
        observed=f"{response}, and screen was called",
        expected="who has an account already is not screened",
        mistake="SCREENED_FIRST" if called and not _inserts(own.until(called)) else None,
        trace=own,
    )
    expect(
        _accounts(database) == ["Ada"] and not _audits(database),
        observed=f"{response.told} has answered 409, and {_found(database)}",
        expected="a 409 adds no row: the account of Ada and no audit row",
        trace=own,
    )


def test_rejected_leaves_nothing(app, host, database):
    """What screen raises ends the request and leaves no row: Rejected is a 422, anything else a 500."""
    for status, raised, raises in ((422, "Rejected", REJECTED), (500, "RuntimeError", CRASH)):
        _screen(app, raises)
        response = _screened_out(app, database, status, raised)
        if _out(host, response):
            break  # it may hold the one lock for writing; sessions_closed tells of it


def test_statements_off_the_loop(app, host, database):
    """No statement and no COMMIT of a request runs on the event loop's thread, outside SQLAlchemy's greenlet."""
    _insert(database, "Bo", 77)
    responses = [
        _post(app),
        app.get("/accounts/77"),
        app.get("/accounts/999"),
        _post(app, "Bo"),
        _post(app, "Cy", 9),
    ]
    for response in responses:
        own = host.trace(response.request)
        stops = [event for event in own.of(STATEMENT, COMMIT_SENT) if event.data.get("blocking")]
        line = next((event.where for event in stops if event.where), "")
        expect(
            not stops,
            observed=f"{response}, and the event loop stood still for the database at {line}",
            expected="while the database works for one request, the event loop serves others",
            mistake="SYNC_IN_ASYNC",
            trace=own,
        )


def test_health_while_waiting(app, host, database):
    """While another request waits for the database, GET /health answers, and asks the database nothing."""
    _insert(database, "Ada", 77)
    _served(app, host, STATEMENT, "^select", lambda: app.start("GET", "/accounts/77"))
    _served(app, host, STATEMENT, "^insert", lambda: _start(app, "Bo"))
    _served(app, host, COMMIT_SENT, "", lambda: _start(app, "Cy"))


def test_slow_calls_off_the_loop(app, host, database):
    """Neither screen nor mailer, which are plain functions and take their time, runs on the event loop's thread."""
    response = _post(app)
    own = host.trace(response.request)
    for call in own.of(CALLED):
        expect(
            call.thread != "loop",
            observed=f"{response}, and {call.data['name']} ran on the event loop's thread",
            expected="while screen or mailer takes its time, the event loop serves others",
            mistake="SLOW_ON_LOOP" if call.data.get("blocking") else "RUN_SYNC",
            trace=own,
        )


def test_all_awaited(host, database):
    """Every coroutine that the app makes is awaited, from start-up to shutdown, however a request ends."""
    with _started(host, database) as app:
        for response in _requests(app, database):
            if _out(host, response):
                break  # it may hold the one lock for writing; sessions_closed tells of it
    lost = next(iter(host.unawaited()), None)
    expect(
        lost is None,
        observed=f"{lost.text}() was called{_at(lost)}, and nobody awaited it" if lost else "",
        expected="whatever can be awaited is awaited",
        mistake="NOT_AWAITED",
        trace=host.trace(lost.request) if lost and lost.request else None,
    )


def test_sessions_closed(app, host, database):
    """When a request has ended, however it ended, its sessions are closed and no connection is out."""
    for response in _requests(app, database):
        own = host.trace(response.request)
        until = own.until(own.last(DONE))
        # async_sessionmaker.begin() of SQLAlchemy 2.1 leaves a session open whose COMMIT has failed: it holds nothing.
        used = set(own.sessions) - {event.session for event in own.of(COMMIT_FAILED)}
        open_ = [event.session for event in until.unclosed() if event.session in used]
        expect(
            not open_,
            observed=f"{response}, and session {open_[0] if open_ else ''} is still open",
            expected="every session of a request is closed when the request is done",
            mistake=_why_open(host, response, open_[0]) if open_ else None,
            trace=own,
        )
        out = _out(host, response)
        expect(
            out is None,
            observed=f"{response}; its connection, checked out {out.origin if out else ''}, is not back",
            expected="no connection is out when a request is done",
            mistake="LEFT_OUT",
            trace=own,
        )


def test_override_honoured(app, host, database, other_database):
    """With get_async_db overridden, the endpoints work on the session that the override yields."""
    engine, _ = host.engine(other_database.url)
    host.call("bank:Base.metadata.create_all", engine).ok()
    other_database.execute("INSERT INTO branches (id, name) VALUES (1, 'Main Street')")
    _insert(other_database, "Ada", 77)
    app.override_async_session("get_async_db", _url(other_database))
    found = app.get("/accounts/77")
    expect(
        found.json == {"id": 77, "owner": "Ada"},
        observed=f"with get_async_db overridden, {found}",
        expected="the account that stands in the override's database",
        mistake="OTHER_DEPENDENCY" if found.status == 404 else None,
    )
    _post(app, "Bo")
    owners = _accounts(database)
    expect(
        not owners,
        observed=f"with get_async_db overridden, the account of {', '.join(owners)} went to the app's own database",
        expected="every row goes where the override's session puts it",
        mistake="OTHER_DEPENDENCY",
    )


def test_engine_lifecycle(host, database):
    """Each start-up makes one async engine, each shutdown disposes it, and the app can start again."""
    created = _created(host, database)
    early = host.trace().first(MADE)
    expect(
        early is None,
        observed=f"an engine was made at {early.where if early else ''}, before the app started",
        expected="importing the file and create_app make no engine",
        mistake="ENGINE_AT_IMPORT",
    )
    answered = []
    for turn in ("first", "second"):
        before = len(host.trace())
        with host.app(created) as app:
            answered.append(app.get("/accounts/999"))
            engine = _made(host, before, turn)
        gone = host.trace().of(DISPOSED, engine=engine.engine)
        expect(
            bool(gone),
            observed=f"after the app's {turn} shutdown, the engine made at {engine.where} is not disposed",
            expected="shutdown disposes the engine",
            mistake="NOT_AWAITED" if host.unawaited() else "NOT_DISPOSED",
        )
    first, second = answered
    expect(
        second.status == first.status,
        observed=f"{first}; after a shutdown and a second start-up, {second}",
        expected="an app that has been shut down can be started again",
    )


@pytest.fixture
def app(host, database):
    """The app that create_app makes for the check's database: started, with branch 1, and the judge's callables."""
    with _started(host, database) as started:
        database.execute("INSERT INTO branches (id, name) VALUES (1, 'Main Street')")
        _screen(started)
        started.override("bank:get_mailer", host.callable("mailer"))
        yield started


@contextmanager
def _started(host, database):
    """The app that create_app makes for the check's database, started; its start-up has to make the tables."""
    with host.app(_created(host, database)) as app:
        expect(
            database.has_table("branches"),
            observed="the app has started, and there is no table branches",
            expected="start-up makes the tables",
            mistake="NO_TABLES",
            trace=host.trace(),
        )
        yield app


def _created(host, database):
    return host.call("create_app", _url(database), keep=True).value


def _url(database):
    """The database's URL, with an async driver."""
    return re.sub("^sqlite:", "sqlite+aiosqlite:", database.url)


def _screen(app, raises=None):
    app.override("bank:get_screen", app.host.callable("screen", raises=raises))


def _start(app, owner="Ada", branch=1):
    return app.start("POST", "/accounts", json={"owner": owner, "branch_id": branch}, headers=USER)


def _post(app, owner="Ada", branch=1):
    return _start(app, owner, branch).result()


def _insert(database, owner, number):
    """Store an account as another program would."""
    database.execute("INSERT INTO accounts (id, owner, branch_id) VALUES (?, ?, 1)", number, owner)


def _called_once(host, created, name, argument):
    """Expect one call of this callable, with this argument."""
    calls = host.calls(name)
    expect(
        [call.arguments for call in calls] == [(argument,)],
        observed=f"{created}; calls of {name}: {', '.join(map(str, calls)) or 'none'}",
        expected=f"{name}({argument!r}) is called once",
        mistake="NOT_AWAITED" if host.unawaited() else None,
    )


def _answers(app, response, status, to=""):
    """Return the response if it has this status and no exception has left the app."""
    own = app.host.trace(response.request)
    fits = response.status == status and response.error is None
    expect(
        fits,
        observed=str(response),
        expected=f"{response.told} answers {status} {to}".rstrip(),
        mistake=None if fits else _why_answered(app.host, own, response),
        trace=own,
    )
    return response


def _why_answered(host, own, response):
    """Name the mistake behind an unexpected answer, as far as the error and the request's trace show it."""
    error = response.error
    if error and re.search("can't be (used in 'await'|awaited)", error.text):
        return "AWAITED_PLAIN"
    if error and "MissingGreenlet" in f"{error.name} {error.text}":
        return "LOADED_ON_ACCESS" if own.of(COMMIT_DONE) else None
    if (error and "coroutine" in error.text) or _lost(host, response):
        return "NOT_AWAITED"
    if own.of(COMMIT_FAILED):
        return _why_late(host, response) or "COMMIT_UNGUARDED"
    return "FLUSH_UNGUARDED" if error and error.is_a("IntegrityError") else None


def _lost(host, response):
    """Return the coroutines that this request made and that nobody awaited."""
    return [event for event in host.unawaited() if event.request == response.request]


def _why_late(host, response):
    """Name the mistake by which nothing is committed when this request's response starts, or None."""
    own = host.trace(response.request)
    sent, started = own.first(COMMIT_SENT), own.first(STARTED)
    if sent is None:
        return "NOT_AWAITED" if _lost(host, response) else "NO_COMMIT"
    return "AFTER_RESPONSE" if started and started.n < sent.n else None


def _inserts(own):
    return [event for event in own.of(STATEMENT) if event.text.lower().startswith("insert")]


def _accounts(database):
    return [owner for (owner,) in database.rows("SELECT owner FROM accounts ORDER BY id")]


def _audits(database):
    return database.rows("SELECT who, account_id FROM audits ORDER BY id")


def _found(database):
    """Say what another connection finds."""
    owners, audits = _accounts(database), len(_audits(database))
    accounts = f"the account{'s' * (len(owners) > 1)} of {', '.join(owners)}" if owners else "no account"
    return f"another connection finds {accounts} and {audits or 'no'} audit row{'s' * (audits != 1)}"


def _overlapping(app, host):
    """Hold two requests before their SELECT at once, and return both responses."""
    with host.hold(STATEMENT, "^select") as gate, host.hold(STATEMENT, "^select") as other_gate:
        running = app.start("GET", "/accounts/1")
        if gate.wait(running) and gate.blocks:
            gate.release()  # no second request can come in while the loop stands still: one after the other
        other = app.start("GET", "/accounts/1")
        _comes_in(other_gate, other)
        gate.release()
        other_gate.release()
        return running.result(), other.result()


def _comes_in(gate, running):
    """Expect that this request gets as far as its SELECT, though another is held before its own."""
    try:
        gate.wait(running)
    except Failed as failed:
        stuck = failed.mistake == "STUCK"
        expect(
            not stuck,
            observed="GET /accounts/1 was held before its SELECT, and another one did not get as far as that",
            expected="while one request waits for the database, others go on",
            mistake="ONE_AT_A_TIME",
            trace=failed.trace,
        )
        raise


def _unmailed(own, response):
    """Expect that this request, which was refused, has not called the mailer."""
    mailed = next((event for event in own.of(CALLED) if event.data["name"] == "mailer"), None)
    early = mailed and not own.until(mailed).of(COMMIT_FAILED)
    expect(
        mailed is None,
        observed=f"{response}, and mailer was called",
        expected="mailer is called for a 201 alone",
        mistake="MAILED_EARLY" if early else None,
        trace=own,
    )


def _recovers(app, host, failed):
    """Expect that a POST with nothing wrong succeeds after one whose COMMIT has failed."""
    response = _post(app, "Bo")
    own = host.trace(response.request)
    again, before = own.first(COMMIT_FAILED), failed.first(COMMIT_FAILED)
    same = again and before and again.connection == before.connection
    expect(
        response.status == 201,
        observed=f"after the 409 for branch 9, {response} where there is a branch 1",
        expected="the request after one that failed succeeds",
        mistake="NOT_ROLLED_BACK" if same else None,
        trace=own,
    )


def _nothing(host, database, response):
    """Expect neither account nor audit row."""
    own = host.trace(response.request)
    expect(
        not _accounts(database) and not _audits(database),
        observed=f"{response.told} has answered {response.status}, and {_found(database)}",
        expected="what is not answered with a 2xx leaves no account and no audit row",
        mistake=_why_left(own),
        trace=own,
    )


def _why_left(own):
    """Name the mistake by which a refused request leaves rows, as far as the trace shows it."""
    screened, committed = own.first(CALLED), own.first(COMMIT_DONE)
    if committed is None:
        return "SAVEPOINT" if own.of("RELEASE SAVEPOINT") else None
    return "COMMITTED_EARLY" if screened and committed.n < screened.n else None


def _screened_out(app, database, status, raised):
    """Expect this status where screen raises, and no row; return the response."""
    response = _post(app)
    own = app.host.trace(response.request)
    expect(
        response.status == status,
        observed=f"screen raises {raised}, and {response}",
        expected=f"{response.told} answers {status} where screen raises {raised}",
        mistake=None if response.status == status else _why_unheard(app.host, own, response),
        trace=own,
    )
    _nothing(app.host, database, response)
    return response


def _why_unheard(host, own, response):
    """Name the mistake by which what screen raised does not come to be the answer."""
    if response.status == 409 and own.of(CALLED) and not own.of(ERROR, COMMIT_FAILED):
        return "CAUGHT_ALL"
    if response.status == 201:
        return _why_confirmed(host, own, response)
    return _why_answered(host, own, response)


def _why_confirmed(host, own, response):
    """Name the mistake by which a request is answered with 201 though screen raises."""
    called, started = own.first(CALLED), own.first(STARTED)
    if response.error and called and started and called.n > started.n:
        return "SCREENED_LATE"
    return "NOT_AWAITED" if _lost(host, response) else "UNHEARD"


def _served(app, host, kind, text, start):
    """Hold a request before it sends this, and expect an answer of GET /health meanwhile."""
    with host.hold(kind, text) as gate:
        running = start()
        held = gate.wait(running)
        health = app.start("GET", "/health")
        if not gate.blocks:
            _asks_nothing(app, host, health.result())
    response, answered = running.result(), _answers(app, health.result(), 200)
    trace = host.trace()
    sent = next((e for e in trace.request(response.request).of(kind) if re.search(text, e.text, re.I)), None)
    done = trace.last(DONE, request=answered.request)
    expect(
        not held or sent is None or done.n < sent.n,
        observed=f"{response.told} was held before its {sent.text[:6] if sent and sent.text else 'COMMIT'}, at "
        f"{sent.where if sent else ''}, and GET /health was answered only after it had been let go",
        expected="GET /health is answered while another request waits for the database",
        mistake="SYNC_IN_ASYNC" if gate.blocks else None,
    )


def _asks_nothing(app, host, health):
    own = host.trace().request(_answers(app, health, 200).request)
    asked = own.first(WANTED, STATEMENT)
    expect(
        asked is None,
        observed=f"{health}, for which it needed a connection at {asked.where if asked else ''}",
        expected="GET /health asks the database nothing",
        mistake="HEALTH_ASKS",
        trace=own,
    )


def _at(event):
    """Say at which line; of a coroutine that a worker thread has made, Python does not tell."""
    return f" at {event.where}" if event.where else ""


def _out(host, response):
    """Return the check-out of a connection that was not back when this request was done, or None."""
    own = host.trace(response.request)
    return next(iter(own.until(own.last(DONE)).out()), None)


def _requests(app, database):
    """Send a request for every way in which one can end, and yield each response before the next one is sent."""
    if not database.value("SELECT count(*) FROM branches"):
        database.execute("INSERT INTO branches (id, name) VALUES (1, 'Main Street')")
    _insert(database, "Bo", 77)
    yield from (app.get(f"/accounts/{number}") for number in (77, 999, "nobody"))
    _screen(app)
    yield from (_post(app, owner, branch) for owner, branch in (("Ada", 1), ("Bo", 1), ("Cy", 9)))
    yield app.post("/accounts", {"owner": "Di"})
    for owner, raises in (("Ed", REJECTED), ("Flo", CRASH)):
        _screen(app, raises)
        yield _post(app, owner)


def _why_open(host, response, session):
    """Name the mistake that leaves this session open, as far as the trace shows it."""
    if _lost(host, response):
        return "NOT_AWAITED"
    trace = host.trace()
    if trace.first(OPENED, session=session).request is None:
        return "SHARED_SESSION"
    return "NO_FINALLY" if trace.of(CLOSED) else "NO_CLOSE"


def _made(host, before, turn):
    """Return the one engine that this start-up made, and expect it to be async."""
    made = [event for event in host.trace().of(MADE) if event.n > before]
    expect(
        len(made) == 1,
        observed=f"the app's {turn} start-up made {len(made)} engines",
        expected="each start-up makes one engine",
        mistake="TWO_ENGINES" if made else "ENGINE_KEPT",
    )
    expect(
        made[0].data.get("is_async") is True,
        observed=f"the engine made at {made[0].where} has a synchronous driver",
        expected="the engine is an async one",
        mistake="SYNC_IN_ASYNC" if _stopped(host) else None,
    )
    return made[0]


def _stopped(host):
    """Say whether a statement of a request stopped the event loop."""
    return any(event.request and event.data.get("blocking") for event in host.trace().of(STATEMENT))
