"""09 commit_before_response: a 201 means stored, from the moment on at which its first byte leaves."""

from sessionlab.verdict import Failed, Mistake, Raise, expect

MISTAKES = {
    "AFTER_RESPONSE": Mistake(
        "The transaction ends in code after a `yield` that FastAPI runs when the response and its background "
        "tasks are through. Whatever happens there, the client holds a 201 already.",
        "What really happens",
    ),
    "COMMIT_IN_BACKGROUND": Mistake(
        "A background task commits. It starts when the 201 has been sent, and no client hears of its failure.",
        "What really happens",
    ),
    "NO_COMMIT": Mistake(
        "Nothing was committed. Closing a session rolls back whatever it has not committed.",
        "The rule and its cost",
    ),
    "NO_FLUSH": Mistake(
        "The answer was made before the INSERT was sent, so there was no id to put into it: `flush` sends it.",
        "The rule and its cost",
    ),
    "COMMIT_UNGUARDED": Mistake(
        "COMMIT raised the error, and nothing there turns it into a 409. A deferred constraint lets the INSERT "
        "pass: an `except` around the flush never sees it.",
        "What really happens",
    ),
    "FLUSH_UNGUARDED": Mistake(
        "The INSERT raised the error, and nothing there turns it into a 409.",
        "The exercise",
    ),
    "LOOKED_FIRST": Mistake(
        "The request looked first and wrote afterwards, and in between somebody else wrote. Only the database's "
        "answer to the write, and to COMMIT, is an answer.",
        "The rule and its cost",
    ),
    "SWALLOWED": Mistake(
        "COMMIT failed, and the code after `yield` caught the error and did not raise it again. So FastAPI sent "
        "what the endpoint had returned: a 201 without a row.",
        "What really happens",
    ),
    "RAISED_AGAIN": Mistake(
        "The answer was sent, and the exception behind it left the app all the same. A handler for `Exception` does "
        "that: Starlette sends what it answers, and raises again for the server's log. A handler for `IntegrityError` "
        "ends it.",
        "The exercise",
    ),
    "SECOND_YIELD": Mistake(
        "A second `yield` does not run the endpoint again. A dependency yields once; of a second one FastAPI "
        "makes an error.",
        "Symptoms",
    ),
    "MODEL_CHANGED": Mistake(
        "The foreign key of accounts.branch_id is no longer deferred. The models are given: the bank's other "
        "programs store accounts before their branch.",
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
        "COMMIT came before `screen`, so nothing was left to roll back when it raised. Deleting by hand undoes "
        "only what one thinks of.",
        "The rule and its cost",
    ),
    "COMMITTED_REFUSAL": Mistake(
        "The request was refused, or failed, and COMMIT was sent all the same. What rolls back is an exception that "
        "passes through the transaction: a status does not, and `finally` runs either way.",
        "The rule and its cost",
    ),
    "SAVEPOINT": Mistake(
        "A savepoint was released, the transaction rolled back, and the row is there. Python's SQLite driver, as "
        "it is by default, begins no transaction for a SAVEPOINT: releasing the outermost one stores for good.",
        "The rule and its cost",
    ),
    "TWO_SESSIONS": Mistake(
        "Two sessions write the two rows, and two sessions are two transactions, of which SQLite lets one write at "
        "a time. Asked for under two scopes, one dependency runs twice.",
        "The rule and its cost",
    ),
    "TWO_COMMITS": Mistake(
        "One session wrote both rows and committed in between. Each COMMIT ends a transaction, and the next one "
        "can fail.",
        "The rule and its cost",
    ),
    "MAIL_BEFORE_COMMIT": Mistake(
        "The mailer was called before COMMIT, when the account could still vanish. A mail can't be rolled back.",
        "The exercise",
    ),
    "MAIL_IN_REQUEST": Mistake(
        "The mailer was called before the response, so the client waits for it, and its failure becomes the "
        "answer.",
        "The exercise",
    ),
    "TASK_KEPT": Mistake(
        "The request was refused, and the background task that its endpoint had added ran all the same. A response "
        "that is returned takes the tasks along, whatever its status, and `@app.middleware` puts it aside too late. "
        "An exception drops them.",
        "The rule and its cost",
    ),
    "LEFT_OUT": Mistake(
        "On this path the session was not closed, so its connection stays out of the pool.",
        "The rule and its cost",
    ),
    "NOT_ROLLED_BACK": Mistake(
        "COMMIT failed, and the session was closed without `rollback()`. On SQLite a failed COMMIT leaves the "
        "transaction open, and SQLAlchemy 2.1 pooled the connection like that: the next request went on in it.",
        "The rule and its cost",
    ),
    "NO_ROLLBACK": Mistake(
        "A session whose flush or COMMIT has failed does nothing more until it is rolled back, and this one was used "
        "again.",
        "The rule and its cost",
    ),
}

HINTS = {
    "answers": [
        "Where does the id of a new account come from, and when?",
        "In the trace of the POST, look for the two INSERTs and for `COMMIT`.",
        "`add` sends nothing. `flush` sends the INSERT, which gives the id; COMMIT makes it last.",
        "README, “The exercise”",
    ],
    "readable_before_response": [
        "A client reads what you have confirmed. Which comes first: its SELECT, or your COMMIT?",
        "Compare the places of `response 201` and `COMMIT` in the trace.",
        "By default the code after `yield` runs when the response is through. Commit in the endpoint, or let that "
        "code run earlier.",
        "README, “What really happens”",
    ],
    "commit_time_conflict": [
        "Which statement does the database refuse where the branch is unknown?",
        "Look for `COMMIT failed` in the trace. Had the response started, and where did the error go?",
        "The INSERT passes, COMMIT raises. What answers 409 has to stand where that error reaches the client.",
        "README, “What really happens”",
    ],
    "branch_closed_meanwhile": [
        "You have seen that the branch exists. For how long is that true?",
        "The branch was deleted before your first INSERT; look at what COMMIT said.",
        "A look beforehand decides nothing. Be prepared for the error at COMMIT all the same.",
        "README, “The rule and its cost”",
    ],
    "duplicate_conflict": [
        "Who knows whether an owner has an account: your SELECT, or the UNIQUE constraint?",
        "Look for the error under the INSERT in the trace, and for the call of `screen`.",
        "The INSERT is the question. Flush before you screen, and answer 409 where it raises.",
        "README, “The exercise”",
    ],
    "rejected_leaves_nothing": [
        "What has been stored for good at the moment at which `screen` raises?",
        "Look for `COMMIT` or `RELEASE SAVEPOINT` above `calls screen`.",
        "Where nothing is committed yet, an exception that passes through the transaction undoes all of it.",
        "README, “The rule and its cost”",
    ],
    "one_transaction": [
        "How many COMMITs does a new account need?",
        "Count the `COMMIT`s in the trace, and compare the sessions of the two INSERTs.",
        "One session, one COMMIT. Under two scopes the same dependency gives two sessions: use one alias.",
        "README, “The rule and its cost”",
    ],
    "mail_after_commit": [
        "Who would read the mail if COMMIT failed after it?",
        "Compare the places of `calls mailer`, `COMMIT` and `response 201`.",
        "A background task runs after the response, so after COMMIT if COMMIT is before the response.",
        "README, “The rule and its cost”",
    ],
    "recovers": [
        "What does the failed request leave behind for the next one?",
        "The trace shows what is still out, or a connection that fails at COMMIT twice.",
        "Roll back and close on every way out, the failed COMMIT included: `begin()` in a `with` does both.",
        "README, “The rule and its cost”",
    ],
}

CALLED, STATEMENT, ERROR = "called", "statement", "error"
COMMIT_SENT, COMMIT_DONE, COMMIT_FAILED = "COMMIT sent", "COMMIT done", "COMMIT failed"
STARTED, DONE = "response started", "request done"
TASK, TASK_DONE = "background task", "background task done"
USER = {"X-User": "teller"}
REJECTED = Raise("Rejected", ("Ada is on a list",))
CRASH = Raise("builtins:RuntimeError", ("screening is down",))
NO_MAIL = Raise("builtins:OSError", ("no route to host",))


def test_answers(app, host, database):
    """Each endpoint answers as the contract says, and a 201 is stored with its audit row."""
    _bank(app, host, database)
    created = _answers(app, _post(app), 201)
    number = created.json.get("id") if isinstance(created.json, dict) else None
    expect(
        created.json == {"id": number, "owner": "Ada"} and type(number) is int,
        observed=str(created),
        expected='POST /accounts answers {"id": a number, "owner": "Ada"}',
    )
    _stored_for_good(host, database, created, number)
    _answers(app, app.post("/accounts", {"owner": "Bo", "branch_id": 1}), 422, "without X-User")
    for body in ({"owner": "", "branch_id": 1}, {"owner": "Bo", "branch_id": "one"}, {"owner": "Bo"}):
        _answers(app, app.post("/accounts", body, headers=USER), 422, f"to {body}")
    found = _answers(app, app.get(f"/accounts/{number}"), 200)
    expect(
        found.json == created.json,
        observed=str(found),
        expected=f"GET /accounts/{number} answers {created.body}",
    )
    _answers(app, app.get("/accounts/999"), 404)
    calls = host.calls("screen")
    expect(
        [call.arguments for call in calls] == [("Ada",)],
        observed=f"{created}; calls: {_calls(calls)}",
        expected="screen is called once, with the owner",
    )


def test_readable_before_response(app, host, database):
    """When a 201 starts, another connection can read the account that it reports."""
    _bank(app, host, database)
    with host.hold(STARTED, "201") as gate:
        running = _start(app)
        seen = _accounts(database) if gate.wait(running) else []
    response = _answers(app, running.result(), 201)
    own = host.trace().request(response.request)
    expect(
        seen == ["Ada"],
        observed=f"the 201 was held at its start, and another connection found {_told(seen)}",
        expected="before the first byte of a 201 leaves, everybody can read the account that it reports",
        mistake=_why_late(own),
        trace=own,
    )


def test_commit_time_conflict(app, host, database):
    """An unknown branch, which the database reports at COMMIT only, is a 409 and stores nothing."""
    _bank(app, host, database)
    table = database.value("SELECT sql FROM sqlite_master WHERE name = 'accounts'")
    expect(
        "INITIALLY DEFERRED" in table,
        observed="the table accounts has no deferred foreign key",
        expected="the table accounts is made from the given model",
        mistake="MODEL_CHANGED",
    )
    response = _answers(app, _post(app, branch=9), 409, "where there is no branch 9")
    _nothing(app, database, response)


def test_branch_closed_meanwhile(app, host, database):
    """A branch that is closed before the account is stored is a 409 and stores nothing."""
    _bank(app, host, database)
    response = _meanwhile(app, host, database, "Ada", "DELETE FROM branches WHERE id = 1")
    if response is not None:
        _conflicts(app, response, "where the branch was closed before the INSERT", "branches")
        _nothing(app, database, response)


def test_duplicate_conflict(app, host, database):
    """An owner who has an account already is a 409, and is not screened."""
    _bank(app, host, database)
    database.execute("INSERT INTO accounts (owner, branch_id) VALUES ('Ada', 1)")
    response = _answers(app, _post(app), 409, "where Ada has an account")
    _unscreened(host, response)
    _unchanged(host, database, response, ["Ada"])
    taken = "INSERT INTO accounts (owner, branch_id) VALUES ('Bo', 1)"
    response = _meanwhile(app, host, database, "Bo", taken)
    if response is not None:
        _conflicts(app, response, "where Bo got an account before the INSERT", "accounts")
        _unscreened(host, response)
        _unchanged(host, database, response, ["Ada", "Bo"])


def test_rejected_leaves_nothing(app, host, database):
    """What screen raises ends the request and leaves no row: Rejected is a 422, anything else a 500."""
    _bank(app, host, database, screen=REJECTED)
    _screened_out(app, database, 422, "Rejected")
    _screen(app, host, CRASH)
    _screened_out(app, database, 500, "RuntimeError")


def test_one_transaction(app, host, database):
    """The account and its audit row appear to others together, by one COMMIT."""
    _bank(app, host, database)
    seen = []
    with host.hold(COMMIT_DONE) as one, host.hold(COMMIT_DONE) as two, host.hold(COMMIT_DONE) as three:
        running = _start(app)
        for gate in (one, two, three):
            if gate.wait(running):
                seen.append((_accounts(database), _audits(database)))
                gate.release()
    response = _answers(app, running.result(), 201)
    _together(host.trace().request(response.request), seen)


def test_mail_after_commit(app, host, database):
    """The mailer is called once for a 201, which is stored and on its way; its failure undoes nothing."""
    _bank(app, host, database)
    with host.hold(CALLED, "^mailer") as gate:
        running = _start(app)
        held = gate.wait(running)
        seen, until = _accounts(database) if held else [], host.trace()
    response = _answers(app, running.result(), 201)
    own = host.trace().request(response.request)
    _mailed_once(host, database, response, own)
    _mailed_late(seen, until.request(response.request), own)
    _mail_fails(app, host, database, _why_late(own))
    _unmailed(app, host, "a duplicate owner", owner="Ada")
    _unmailed(app, host, "an unknown branch", owner="Bo", branch=9)
    _screen(app, host, REJECTED)
    _unmailed(app, host, "a rejected owner", owner="Bo")


def test_recovers(app, host, database):
    """No connection is out after a request, and after each kind of failure the next POST succeeds."""
    _bank(app, host, database)
    headless = app.post("/accounts", {"owner": "Ada", "branch_id": 1})
    _recovers(app, host, "Ada", "a request without X-User", headless)
    _recovers(app, host, "Bo", "a duplicate owner", _post(app, owner="Ada"))
    _recovers(app, host, "Cy", "an unknown branch", _post(app, owner="Zoe", branch=9))
    _screen(app, host, REJECTED)
    rejected = _post(app, owner="Zoe")
    _screen(app, host)
    _recovers(app, host, "Dan", "a rejection", rejected)
    _screen(app, host, CRASH)
    crashed = _post(app, owner="Zoe")
    _screen(app, host)
    _recovers(app, host, "Eve", "a crash of screen", crashed)
    for number in (database.value("SELECT min(id) FROM accounts"), 999):
        _given_back(host, app.get(f"/accounts/{number}"))


def _bank(app, host, database, screen=None, mailer=None):
    """Open branch 1, and put the judge's screen and mailer in place; each may be told to raise."""
    database.execute("INSERT INTO branches (id, name) VALUES (1, 'Main Street')")
    _screen(app, host, screen)
    app.override("get_mailer", host.callable("mailer", raises=mailer))


def _screen(app, host, raises=None):
    app.override("get_screen", host.callable("screen", raises=raises))


def _start(app, owner="Ada", branch=1):
    return app.start("POST", "/accounts", json={"owner": owner, "branch_id": branch}, headers=USER)


def _post(app, owner="Ada", branch=1):
    return _start(app, owner, branch).result()


def _answers(app, response, status, to="", mistake=None, trace=None):
    """Return the response if it has this status and no exception has left the app.

    Otherwise the mistake is the given one or, if none is given, what the error and the trace show.
    """
    own = app.host.trace().request(response.request)
    fits = response.status == status and response.error is None
    alone = ", and no exception leaves the app" if response.status == status else ""
    expect(
        fits,
        observed=str(response),
        expected=f"{response.told} answers {status} {to}".rstrip() + alone,
        mistake=None if fits else mistake or _why_answered(own, response),
        trace=trace or own,
    )
    return response


def _why_answered(own, response):
    """Name the mistake behind an unexpected answer, as far as the error and the request's trace show it."""
    text = response.error.text if response.error else ""
    if "generator didn't stop" in text:
        return "SECOND_YIELD"
    if response.error and response.error.is_a("PendingRollbackError"):
        return "NO_ROLLBACK"
    if response.error and response.error.is_a("ResponseValidationError") and not _inserts(own):
        return "NO_FLUSH"
    if "database is locked" in text and _sessions(own) > 1:
        return "TWO_SESSIONS"
    failed, refused = own.first(COMMIT_FAILED), own.first(ERROR)
    if response.status == 409:
        return _why_raised_again(own, response)
    if failed:
        return _why_commit_failed(own, failed)
    return "FLUSH_UNGUARDED" if refused and refused.text.startswith("IntegrityError") else None


def _why_raised_again(own, response):
    """Name the mistake by which the one error of a request leaves the app after it has been answered, or None."""
    refused, started = own.of(COMMIT_FAILED, ERROR), own.first(STARTED)
    left = response.error is not None and response.error.is_a("IntegrityError")
    return "RAISED_AGAIN" if left and len(refused) == 1 and refused[0].n < started.n else None


def _why_commit_failed(own, failed):
    """Name the mistake by which a COMMIT that failed does not come to be a 409."""
    started = own.first(STARTED)
    if started and started.n < failed.n:
        return _why_late(own)
    return "SWALLOWED" if started and started.data["status"] < 400 else "COMMIT_UNGUARDED"


def _why_late(own):
    """Name the mistake by which nothing is committed when this request's response starts, or None."""
    sent, started = own.first(COMMIT_SENT), own.first(STARTED)
    if sent is None:
        return "NO_COMMIT"
    if started is None or sent.n < started.n:
        return None
    task = own.until(sent).last(TASK, TASK_DONE)
    return "COMMIT_IN_BACKGROUND" if task and task.kind == TASK else "AFTER_RESPONSE"


def _inserts(own):
    return [event for event in own.of(STATEMENT) if event.text.lower().startswith("insert")]


def _sessions(own):
    """Return how many sessions have sent an INSERT."""
    return len({event.session for event in _inserts(own)})


def _stored_for_good(host, database, created, number):
    """Expect account and audit row once the request has ended."""
    account = database.rows("SELECT owner, branch_id FROM accounts WHERE id = ?", number)
    audit = database.rows("SELECT who, account_id FROM audits")
    own = host.trace().request(created.request)
    expect(
        account == [("Ada", 1)] and audit == [("teller", number)],
        observed=f"{created}; then {_found(database)}",
        expected=f"a 201 means: Ada's account at branch 1, and an audit row with 'teller' and {number}",
        mistake=None if own.of(COMMIT_DONE) else "NO_COMMIT",
        trace=own,
    )


def _accounts(database):
    return [owner for (owner,) in database.rows("SELECT owner FROM accounts ORDER BY id")]


def _audits(database):
    return database.value("SELECT count(*) FROM audits")


def _found(database):
    return f"another connection finds {_told(_accounts(database))} and {_rows(_audits(database))}"


def _told(owners):
    return (
        f"the account{'s' if len(owners) > 1 else ''} of {' and '.join(owners)}" if owners else "no account"
    )


def _rows(count):
    return f"{count or 'no'} audit row{'' if count == 1 else 's'}"


def _calls(calls):
    return ", ".join(map(str, calls)) or "none"


def _nothing(app, database, response):
    """Expect neither account nor audit row."""
    own = app.host.trace().request(response.request)
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
    return "COMMITTED_EARLY" if screened and committed.n < screened.n else "COMMITTED_REFUSAL"


def _meanwhile(app, host, database, owner, sql):
    """Hold a POST before its first INSERT, write as another user would, and return the response.

    Returns None where nobody can come in between: where the submission has locked the database by then, or sends
    its INSERT through a cursor of the driver's, which no trace shows.
    """
    with host.hold(STATEMENT, "^insert") as gate:
        running = _start(app, owner)
        written = gate.wait(running) and _write(database, sql)
    response = running.result()
    own = host.trace().request(response.request)
    expect(
        bool(_inserts(own)) or response.status < 500,
        observed=f"{response}, without an INSERT",
        expected="POST /accounts sends an INSERT",
        mistake=_why_answered(own, response),
        trace=own,
    )
    return response if written else None


def _write(database, sql):
    try:
        return database.execute(sql) == 1
    except Failed:  # the submission's own lock keeps everybody out
        return False


def _conflicts(app, response, to, table):
    """Expect a 409; where the error came in time, and after a look at this table, the look is the mistake."""
    own = app.host.trace().request(response.request)
    before = own.until(_inserts(own)[0])
    looked = any(f"from {table}" in event.text.lower() for event in before.of(STATEMENT))
    failed, started = own.first(COMMIT_FAILED, ERROR), own.first(STARTED)
    in_time = failed and not (started and started.n < failed.n)
    _answers(app, response, 409, to, "LOOKED_FIRST" if looked and in_time else None)


def _unscreened(host, response):
    """Expect that this request has not called screen."""
    own = host.trace().request(response.request)
    called = own.first(CALLED)
    first = called is not None and not _inserts(own.until(called))
    expect(
        called is None,
        observed=f"{response}, and screen was called",
        expected="who has an account already is not screened",
        mistake="SCREENED_FIRST" if first else None,
        trace=own,
    )


def _unchanged(host, database, response, owners):
    """Expect these accounts, which the judge stored, and no audit row."""
    expect(
        _accounts(database) == owners and not _audits(database),
        observed=f"{response.told} has answered 409, and {_found(database)}",
        expected=f"a 409 adds no row: {_told(owners)} and no audit row",
        trace=host.trace().request(response.request),
    )


def _screened_out(app, database, status, raised):
    """Expect this status where screen raised, and no row."""
    response = _post(app)
    own = app.host.trace().request(response.request)
    taken_for_conflict = response.status == 409 and own.of(CALLED) and not own.of(ERROR, COMMIT_FAILED)
    expect(
        response.status == status,
        observed=f"screen raised {raised}, and {response}",
        expected=f"{response.told} answers {status} where screen raises {raised}",
        mistake="CAUGHT_ALL" if taken_for_conflict else None,
        trace=own,
    )
    _nothing(app, database, response)


def _together(own, seen):
    """Expect that as many accounts as audit rows were seen after each COMMIT."""
    apart = next((pair for pair in seen if len(pair[0]) != pair[1]), None)
    found = f"{_told(apart[0])} and {_rows(apart[1])}" if apart else ""
    expect(
        apart is None,
        observed=f"held after COMMIT {seen.index(apart) + 1 if apart else 0}, another connection found {found}",
        expected="whoever sees the account sees its audit row",
        mistake="TWO_SESSIONS" if _sessions(own) > 1 else "TWO_COMMITS" if len(_inserts(own)) > 1 else None,
        trace=own,
    )


def _mailed_once(host, database, response, own):
    """Expect one call of the mailer, with the id of Ada's account."""
    calls = host.calls("mailer")
    number = database.value("SELECT id FROM accounts WHERE owner = 'Ada'")
    expect(
        [call.arguments for call in calls] == [(number,)],
        observed=f"{response}, and {_found(database)}; calls: {_calls(calls)}",
        expected="mailer is called once for a new account, with its id",
        mistake="NO_COMMIT" if number is None and _why_late(own) == "NO_COMMIT" else None,
        trace=own,
    )


def _mailed_late(seen, until, own):
    """Expect that at the mailer's call the account was readable, and the 201 under way."""
    started = until.first(STARTED)
    expect(
        seen == ["Ada"],
        observed=f"the mailer was held at its call, and another connection found {_told(seen)}",
        expected="the account that a mail is about is stored when the mailer is called",
        mistake=_why_late(own) if started else "MAIL_BEFORE_COMMIT",
        trace=own,
    )
    expect(
        started is not None,
        observed="the mailer was held at its call, and no response had started",
        expected="the client gets its 201 without waiting for the mail",
        mistake="MAIL_IN_REQUEST",
        trace=own,
    )


def _mail_fails(app, host, database, late):
    """Expect that an account whose mail fails is answered with 201, and stays with its audit row."""
    app.override("get_mailer", host.callable("mailer", raises=NO_MAIL))
    response = _post(app, owner="Cy")
    own = host.trace().request(response.request)
    expect(
        response.status == 201,
        observed=f"the mailer raised OSError, and {response}",
        expected=f"{response.told} answers 201, whatever becomes of the mail",
        trace=own,
    )
    expect(
        _accounts(database) == ["Ada", "Cy"] and _audits(database) == 2,
        observed=f"the mail about Cy's account has failed, and {_found(database)}",
        expected="the failure of a mail undoes nothing",
        mistake=late,
        trace=own,
    )


def _unmailed(app, host, what, **new):
    """Expect that a request for this account, which is refused, calls no mailer."""
    response = _post(app, **new)
    own = host.trace().request(response.request)
    mailed = next((event for event in own.of(CALLED) if event.data["name"] == "mailer"), None)
    expect(
        mailed is None,
        observed=f"{response}, and the mailer was called",
        expected=f"no mail about {what}",
        mistake=_why_mailed(own, mailed) if mailed else None,
        trace=own,
    )


def _why_mailed(own, mailed):
    """Name the mistake by which a mail went out for what is not stored, as far as the trace shows it."""
    failed, started = own.until(mailed).first(COMMIT_FAILED), own.first(STARTED)
    if started and started.data["status"] >= 400 and (failed or started.n < mailed.n):
        return "TASK_KEPT"
    if failed:
        return _why_commit_failed(own, failed)
    return None if own.until(mailed).of(COMMIT_DONE) else "MAIL_BEFORE_COMMIT"


def _given_back(host, response):
    """Expect that no connection is out when this request is done."""
    trace = host.trace()
    out = next(iter(trace.until(trace.last(DONE, request=response.request)).out()), None)
    expect(
        out is None,
        observed=f"{response}; its connection, checked out {out.origin if out else ''}, is not back",
        expected="no connection is out when a request is done",
        mistake="LEFT_OUT",
        trace=trace.request(response.request),
    )


def _recovers(app, host, owner, what, failed):
    """Expect that a request that failed has given everything back, and that this owner's POST succeeds."""
    _given_back(host, failed)
    trace = host.trace()
    response = _post(app, owner=owner)
    since = host.trace().after(trace.until(trace.first(request=failed.request)).events[-1])
    poisoned = _why_poisoned(since, failed, response)
    _answers(app, response, 201, f"after {what}", poisoned, since if poisoned else None)
    _given_back(host, response)


def _why_poisoned(since, failed, response):
    """Name the mistake where a connection fails at COMMIT again, though nothing is wrong this time."""
    first, second = (since.first(COMMIT_FAILED, request=each.request) for each in (failed, response))
    same = first and second and first.connection == second.connection
    return "NOT_ROLLED_BACK" if same else None
