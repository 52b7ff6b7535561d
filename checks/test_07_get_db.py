"""07 get_db: a session for each request, closed whatever happens."""

from sessionlab.verdict import Mistake, Raise, expect

MISTAKES = {
    "NO_CLOSE": Mistake(
        "Nobody closes the session. FastAPI ends a generator, by running what stands after its `yield`; "
        "what a function returned is not its to close.",
        "What really happens",
    ),
    "NO_FINALLY": Mistake(
        "The line after `yield` runs only if nothing is raised there. An exception of the endpoint is thrown into "
        "get_db at its `yield`, and leaves from there.",
        "What an exception does there",
    ),
    "CLOSED_IN_ENDPOINT": Mistake(
        "The endpoints close what get_db opened. A 422 is answered without ever calling an endpoint.",
        "The rule and its cost",
    ),
    "CLOSED_TOO_EARLY": Mistake(
        "The session was closed before it was used. A closed session opens again at its next statement, "
        "and nobody closes it a second time.",
        "What really happens",
    ),
    "SHARED_SESSION": Mistake(
        "Two requests worked inside one session, and so inside one transaction: "
        "one's rollback undoes the other's work.",
        "The rule and its cost",
    ),
    "IMPORT_SESSION": Mistake(
        "A session was opened before any request came. It belongs to nobody, so nobody closes it.",
        "The rule and its cost",
    ),
    "CONTEXT_MANAGER": Mistake(
        "FastAPI makes a context manager of a generator by itself. With @contextmanager on top, the endpoint gets the "
        "wrapper in the place of the session.",
        "What really happens",
    ),
    "SWALLOWED": Mistake(
        "get_db caught the exception and did not raise it again, so FastAPI has neither a response "
        "nor an error to send.",
        "What an exception does there",
    ),
    "NO_COMMIT": Mistake(
        "Nothing was committed. Closing a session rolls back whatever it has not committed.",
        "The exercise",
    ),
    "RAW_CONNECTION": Mistake(
        "A connection was checked out past the session, and nobody gave it back.",
        "The rule and its cost",
    ),
    "OTHER_DEPENDENCY": Mistake(
        "An endpoint does not ask for get_db by `Depends(get_db)`, so an override of it changes nothing there.",
        "The exercise",
    ),
}

HINTS = {
    "answers": [
        "Which status does each endpoint owe, and who would see the row that it reports?",
        "In the trace of the request, look for `COMMIT done` before the session is closed.",
        "`add` and `flush` store nothing for good: only COMMIT does, and an unknown id is a 404, no crash.",
        "README, “The exercise”",
    ],
    "own_session": [
        "Where is the session made: once, or once a request?",
        "Compare the `session opened` events of the two requests: each has one of its own, or they share.",
        "A session that lives outside the request, in a global or in a thread, is shared by whoever comes meanwhile.",
        "README, “The rule and its cost”",
    ],
    "closed_after_success": [
        "Who closes the session, and when?",
        "Look for the last event of session 1: is it `session closed`?",
        "FastAPI runs what stands after the `yield` of get_db. Without a `yield` it has nothing to run.",
        "README, “What really happens”",
    ],
    "closed_after_http_error": [
        "Where in get_db does an endpoint's HTTPException arrive?",
        "Compare the end of the session after a 201 with its end after a 404.",
        "The exception is raised at the `yield`: only `finally` or `with` still runs.",
        "README, “What an exception does there”",
    ],
    "closed_after_crash": [
        "Which exceptions does get_db prepare for, and which can an endpoint raise?",
        "Look at the last event of the session in the request whose auditor raises RuntimeError.",
        "A list of exceptions has an end; `finally` has none. And whatever comes must go on.",
        "README, “What an exception does there”",
    ],
    "closed_after_invalid": [
        "Is get_db entered where the path or the body is invalid?",
        "In the trace of the 422, look for `session opened`: it is there.",
        "No endpoint runs for a 422, so what an endpoint closes stays open.",
        "README, “What an exception does there”",
    ],
    "none_at_import": [
        "What is the first event of your file, before any request?",
        "Look for `session opened` above the first `request started`.",
        "A session belongs to one request; at import and at start-up there is none.",
        "README, “The rule and its cost”",
    ],
    "none_left_out": [
        "After each request: how many connections are out of the pool?",
        "The trace names the line of the check-out that nobody followed by a check-in.",
        "A connection that does not come from this request's session has nobody who gives it back.",
        "README, “The rule and its cost”",
    ],
    "override_honoured": [
        "How does a test put another database in the place of yours?",
        "The row went to the app's own database, though get_db was overridden.",
        "`app.dependency_overrides[get_db]` replaces what `Depends(get_db)` asks for, and nothing else.",
        "README, “The exercise”",
    ],
}

OPENED, CLOSED, CALLED, DONE = "session opened", "session closed", "called", "request done"
ADA = {"owner": "Ada", "balance": 100}


def test_answers(app, host, database):
    """Each endpoint answers as the contract says, and what it accepted is stored."""
    app.override("get_auditor", host.callable("auditor"))
    created = _answers(app, app.post("/accounts", ADA), 201)
    account = created.json or {}
    number = account.get("id")
    expect(
        account == {"id": number, **ADA} and type(number) is int,
        observed=str(created),
        expected='POST /accounts answers {"id": a number, "owner": "Ada", "balance": 100}',
    )
    expect(
        database.rows("SELECT owner, balance FROM accounts WHERE id = ?", number) == [("Ada", 100)],
        observed=f"{created}, but another connection finds no such row",
        expected="a 201 means that the account is stored",
        mistake=None if host.trace().of("COMMIT done", request=created.request) else "NO_COMMIT",
    )
    _answers(app, app.post("/accounts", ADA), 409)
    for body in ({"owner": "", "balance": 1}, {"owner": "Bo", "balance": -1}, {"owner": "Bo"}):
        _answers(app, app.post("/accounts", body), 422, f" to {body}")
    found = _answers(app, app.get(f"/accounts/{number}"), 200)
    expect(found.json == account, observed=str(found), expected=f"GET /accounts/{number} answers {account}")
    _answers(app, app.get("/accounts/999"), 404)
    audited = _answers(app, app.post(f"/accounts/{number}/audit"), 200)
    expect(
        audited.json == {"audited": "Ada"}, observed=str(audited), expected='the answer {"audited": "Ada"}'
    )
    _answers(app, app.post("/accounts/999/audit"), 404)
    calls = [event.data["args"] for event in host.trace().of(CALLED)]
    expect(
        calls == [["Ada"]],
        observed=f"auditor calls: {calls}",
        expected="the auditor is called once, with 'Ada'",
    )


def test_own_session(app, host, database):
    """Two requests that are in progress at the same time have a session each."""
    _own(host, *_overlapping(app, host, database))
    _own(host, *_while_answering(app, host))


def test_closed_after_success(app, host, database):
    """After a 2xx the request's session is closed."""
    _insert_ada(database)
    _closed(host, _answers(app, app.post("/accounts", {"owner": "Bo", "balance": 0}), 201))
    _closed(host, _answers(app, app.get("/accounts/1"), 200))


def test_closed_after_http_error(app, host, database):
    """After a 404, a 409 or an HTTPException of the auditor the status is kept and the session closed."""
    _insert_ada(database)
    _answers(app, app.get("/accounts/1"), 200)
    _closed(host, _answers(app, app.get("/accounts/999"), 404))
    _closed(host, _answers(app, app.post("/accounts", ADA), 409))
    refusing = host.callable("auditor", raises=Raise("fastapi:HTTPException", kwargs={"status_code": 418}))
    app.override("get_auditor", refusing)
    _closed(host, _answers(app, app.post("/accounts/1/audit"), 418))


def test_closed_after_crash(app, host, database):
    """After any other exception, which leaves the app as it came, the session is closed."""
    _insert_ada(database)
    _answers(app, app.get("/accounts/1"), 200)
    app.override(
        "get_auditor", host.callable("auditor", raises=Raise("builtins:RuntimeError", ("audit failed",)))
    )
    crashed = app.post("/accounts/1/audit")
    expect(
        crashed.error is not None
        and crashed.error.is_a("RuntimeError")
        and crashed.error.text == "audit failed",
        observed=str(crashed),
        expected="the auditor's RuntimeError: audit failed leaves the app",
        mistake=_why_answered(host.trace(), crashed),
    )
    _closed(host, crashed)


def test_closed_after_invalid(app, host, database):
    """After a 422 the session is closed, though no endpoint has run."""
    _insert_ada(database)
    _answers(app, app.get("/accounts/1"), 200)
    _closed(host, _answers(app, app.get("/accounts/nobody"), 422))
    _closed(host, _answers(app, app.post("/accounts", {"owner": "", "balance": 1}), 422))


def test_none_at_import(app, host):
    """Neither the import nor the start-up opens a session."""
    opened = host.trace().first(OPENED)
    expect(
        opened is None,
        observed=f"a session was opened at {opened.where if opened else ''}, before any request",
        expected="the first session is opened for the first request",
        mistake="IMPORT_SESSION",
    )


def test_none_left_out(app, host):
    """After each of ten mixed requests no connection is out of the pool."""
    app.override("get_auditor", host.callable("auditor"))
    for body in (ADA, ADA, {"owner": "Bo", "balance": -1}):
        app.post("/accounts", body)
    for number in (1, 999, "nobody"):
        app.get(f"/accounts/{number}")
    for number in (1, 999):
        app.post(f"/accounts/{number}/audit")
    app.override("get_auditor", host.callable("auditor", raises=Raise("builtins:RuntimeError", ("failed",))))
    app.post("/accounts/1/audit")
    app.get("/accounts/1")
    trace = host.trace()
    for done in trace.of(DONE):
        out = trace.until(done).out()
        first = out[0] if out else None
        expect(
            not out,
            observed=f"after {done.text} a connection is out, checked out {first.origin if first else ''}",
            expected="no connection is out when a request is done",
            mistake=_why_out(trace.until(done), first) if first else None,
            trace=trace.request(first.request) if first else None,
        )


def test_override_honoured(app, host, database, other_database):
    """With get_db overridden, the endpoints work on the session that the override yields."""
    engine, _ = host.engine(other_database.url)
    host.call("Base.metadata.create_all", engine).ok()
    _insert_ada(other_database)
    app.override_session("get_db", other_database.url)
    found = app.get("/accounts/1")
    expect(
        found.json == {"id": 1, **ADA},
        observed=f"with get_db overridden, {found}",
        expected="the account that stands in the override's database",
        mistake="OTHER_DEPENDENCY" if found.status == 404 else None,
    )
    app.override("get_auditor", host.callable("auditor"))
    audited = app.post("/accounts/1/audit")
    expect(
        audited.json == {"audited": "Ada"},
        observed=f"with get_db overridden, {audited}",
        expected="the owner who stands in the override's database is audited",
        mistake="OTHER_DEPENDENCY" if audited.status == 404 else None,
    )
    app.post("/accounts", {"owner": "Bo", "balance": 0})
    rows = database.value("SELECT count(*) FROM accounts")
    expect(
        rows == 0,
        observed=f"with get_db overridden, {rows} rows went to the app's own database",
        expected="every row goes where the override's session puts it",
        mistake="OTHER_DEPENDENCY",
    )


def _answers(app, response, status, to=""):
    """Return the response if it has this status and no exception has left the app."""
    fits = response.status == status and response.error is None
    expect(
        fits,
        observed=str(response),
        expected=f"{response.told} answers {status}{to}",
        mistake=None if fits else _why_answered(app.host.trace(), response),
    )
    return response


def _why_answered(trace, response):
    """Name the mistake behind an unexpected answer, as far as the error and the trace show it."""
    text = response.error.text if response.error else ""
    if "_GeneratorContextManager" in text:
        return "CONTEXT_MANAGER"
    if "Response not awaited" in text or "variable 'response'" in text:
        return "SWALLOWED"
    own = trace.request(response.request)
    if any(event.request is None for event in trace.of(OPENED)):
        return "SHARED_SESSION"
    early = [event for event in own.of(CLOSED) if own.after(event).of(session=event.session)]
    return "CLOSED_TOO_EARLY" if early else None


def _own(host, first, second):
    """Expect that each of two requests used a session of its own."""
    trace = host.trace()
    sessions = [set(trace.request(response.request).sessions) for response in (first, second)]
    shared = sessions[0] & sessions[1]
    observed = f"both requests used session {min(shared)}" if shared else f"sessions used: {sessions}"
    expect(
        bool(sessions[0] and sessions[1]) and not shared,
        observed=observed,
        expected="each of the two requests uses a session of its own",
        mistake="SHARED_SESSION" if shared else None,
    )


def _overlapping(app, host, database):
    """Hold two requests inside the auditor at once, and return both responses."""
    app.override("get_auditor", host.callable("auditor"))
    _insert_ada(database)
    path = "/accounts/1/audit"
    with host.hold(CALLED) as gate, host.hold(CALLED) as other_gate:
        running = app.start("POST", path)
        if gate.wait(running) and host.trace().last(CALLED).thread == "loop":
            # The endpoint runs on the event loop, where a second request can't come in: one after the other.
            gate.release()
            running.result()
        other = app.start("POST", path)
        other_gate.wait(other)
        gate.release()
        first = running.result()  # one after the other, so that the recorded order is the same each time
        other_gate.release()
        return _answers(app, first, 200), _answers(app, other.result(), 200)


def _while_answering(app, host):
    """Hold a response about to start, when the request's thread is free, send another request, and return both."""
    with host.hold("response started") as gate:
        running = app.start("GET", "/accounts/1")
        gate.wait(running)
        second = app.get("/accounts/1")
        gate.release()
        return _answers(app, running.result(), 200), _answers(app, second, 200)


def _insert_ada(database):
    """Store Ada's account as another program would; its id is 1."""
    database.execute("INSERT INTO accounts (id, owner, balance) VALUES (1, 'Ada', 100)")


def _closed(host, response):
    """Expect that each session that this request opened is closed when the request is done."""
    trace = host.trace()
    until = trace.until(trace.last(DONE, request=response.request))
    used = trace.request(response.request).sessions
    open_ = [event for event in until.unclosed() if event.session in used]
    session = open_[0].session if open_ else None
    answered = f"{response.told} ended with {response.status or response.error}"
    expect(
        not open_,
        observed=f"{answered}, and session {session} is still open",
        expected="every session of a request is closed when the request is done",
        mistake=_why_open(trace, session) if open_ else None,
        trace=trace.request(response.request),
    )


def _why_open(trace, session):
    """Name the mistake that leaves this session open, as far as the trace shows it."""
    if trace.first(OPENED, session=session).request is None:
        return "IMPORT_SESSION"
    if trace.of(CLOSED, session=session):
        return "CLOSED_TOO_EARLY"
    closes = [event for event in trace.of(CLOSED) if event.where]
    if not closes:
        return "NO_CLOSE"
    opener = trace.first(OPENED, session=closes[0].session)
    same = opener is not None and opener.where and opener.where.function == closes[0].where.function
    return "NO_FINALLY" if same else "CLOSED_IN_ENDPOINT"


def _why_out(trace, event):
    """Name the mistake that leaves this connection out, as far as the trace shows it."""
    if event.session is None:
        return "RAW_CONNECTION"
    return _why_open(trace, event.session)
