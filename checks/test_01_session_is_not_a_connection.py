"""01 session_is_not_a_connection: no connection is out while somebody else's code runs."""

from sessionlab.verdict import Mistake, Raise, expect

MISTAKES = {
    "HELD_DURING_CALL": Mistake(
        "The connection is kept until the session's transaction ends, and it has not ended yet: "
        "reading begins a transaction as well as writing does.",
        "The rule and its cost",
    ),
    "EXPIRED_READ": Mistake(
        "COMMIT gave the connection back, and then an attribute of a committed object was read. COMMIT had expired it, "
        "so reading it is a SELECT, which checks a connection out again.",
        "What really happens",
    ),
    "DETACHED": Mistake(
        "COMMIT had expired the object, and when its attribute was read its session was closed: "
        "nobody was left to ask the database.",
        "What really happens",
    ),
    "COMMIT_AFTER_CALL": Mistake(
        "The callable ran before COMMIT. It was told of an account that nobody else can see, and that is lost "
        "if the callable raises.",
        "The rule and its cost",
    ),
    "NO_COMMIT": Mistake(
        "Nothing was committed. `add` and `flush` send rows to the database; closing the session undoes them.",
        "The rule and its cost",
    ),
    "NO_CLOSE": Mistake(
        "Nobody closes the session. The garbage collector may do it later, or never.",
        "The rule and its cost",
    ),
    "NO_FINALLY": Mistake(
        "The session is closed where all goes well, and an exception passes that line by.",
        "The rule and its cost",
    ),
    "NEW_ENGINE": Mistake(
        "An engine is no connection but the owner of a pool of them. A second engine is a second pool.",
        "What really happens",
    ),
    "NOT_PLAIN": Mistake(
        "What looks like a tuple or an int belongs to SQLAlchemy: an ORM object needs its session, "
        "and a Row is no tuple.",
        "The exercise",
    ),
    "DUPLICATE_ACCEPTED": Mistake(
        "The caller hears of a success for a balance that was not stored.",
        "The exercise",
    ),
    "LIBRARY_ERROR": Mistake(
        "The caller was promised a built-in exception and gets one of the library's.",
        "The exercise",
    ),
    "UNKNOWN_IS_ZERO": Mistake(
        "An account that does not exist and an empty account are two things.",
        "The exercise",
    ),
    "EMPTY_IS_UNKNOWN": Mistake(
        "An account with nothing in it is an account: 0 is its balance, and no entries are an empty list.",
        "The exercise",
    ),
    "SWALLOWED": Mistake(
        "The exception of the callable never reached the caller, who believes that all went well.",
        "The exercise",
    ),
}

HINTS = {
    "answers": [
        "What does each function owe its caller where there is no such account, or where a callable raises?",
        "In the trace, look for what comes before the `called` event: is the account there for others by then?",
        "None is no balance, and an exception that is caught and forgotten is no answer.",
        "README, “The exercise”",
    ],
    "visible_in_announce": [
        "Who can see the account while announce runs?",
        "Compare the numbers of `called` and of `COMMIT done` in the trace.",
        "`flush` makes a row visible to its own transaction alone; COMMIT makes it visible to everybody.",
        "README, “The rule and its cost”",
    ],
    "none_out_in_announce": [
        "How many connections are out when announce begins?",
        "Look for the last `checked out` above `called`, and for the statement behind it.",
        "COMMIT gives the connection back. What do you read from the object after it?",
        "README, “What really happens”",
    ],
    "none_out_in_render": [
        "You have only read. Does that need giving back?",
        "Look for `checked in` above the `called` of render: it is not there.",
        "A SELECT begins a transaction, and a transaction keeps its connection until it ends.",
        "README, “The rule and its cost”",
    ],
    "closed_after_error": [
        "Which line closes the session when an exception leaves the function?",
        "Look for `session closed` after the call that raised.",
        "A `with` block, or `finally`, runs whatever happens.",
        "README, “The rule and its cost”",
    ],
    "duplicate_stores_nothing": [
        "What did the contract promise for an owner who has an account?",
        "Look at what the second call came to: a return, or an exception, and which one?",
        "Translate the library's IntegrityError into the ValueError that your caller expects.",
        "README, “The exercise”",
    ],
    "plain_types": [
        "What exactly do you hand to the callable?",
        "Print `type(pairs[0])` before you call render.",
        "A Row equals a tuple and is none; `tuple(row)` is one.",
        "README, “The exercise”",
    ],
    "one_engine": [
        "How many engines does one process need?",
        "Look for the `engine made` events: the first is the one that you were given.",
        "The engine owns the pool; hand it to the session as it is.",
        "README, “What really happens”",
    ],
}

CALLED, CALL_DONE, OUT, COMMITTED = "called", "call done", "checked out", "COMMIT done"


def test_answers(host, database):
    """Each function returns, calls and raises as the contract says."""
    engine = _bank(host, database)
    announce = host.callable("announce")
    added = _returned(host.call("add_account", engine, "Bo", 100, announce))
    stored = database.rows("SELECT owner, balance FROM accounts WHERE id = ?", _number(added.value))
    expect(
        stored == [("Bo", 100)],
        observed=f"{added}, and another connection finds {stored or 'no such row'}",
        expected="the account that has the returned id is stored",
        mistake=None if host.trace().of(COMMITTED, request=added.request) else "NO_COMMIT",
    )
    _called(host, [f"announce({added.value})"])
    _raises(host.call("add_account", engine, "Cy", -1, announce), "ValueError")
    count = database.value("SELECT count(*) FROM accounts")
    expect(count == 1, observed=f"{count} accounts", expected="a negative balance stores nothing")
    _called(host, [f"announce({added.value})"])
    _announce_raises(host, engine, database)
    _insert_ada(database)
    _insert_eve(database)
    _reads(host, engine)
    _empty(host, engine)


def test_visible_in_announce(host, database):
    """While announce runs, every other connection can read the account."""
    engine = _bank(host, database)
    with host.hold(CALLED) as gate:
        running = host.start("add_account", engine, "Bo", 100, host.callable("announce"))
        gate.wait(running)
        seen = database.value("SELECT count(*) FROM accounts WHERE owner = 'Bo'")
    outcome = _returned(running.result())
    trace = host.trace().request(outcome.request)
    expect(
        seen == 1,
        observed=f"while announce ran, another connection saw {seen} accounts of Bo's",
        expected="the account is committed before announce is called",
        mistake="COMMIT_AFTER_CALL" if trace.of(COMMITTED) else "NO_COMMIT",
        trace=trace,
    )


def test_none_out_in_announce(host, database):
    """While announce runs, no connection is out of the pool."""
    engine = _bank(host, database)
    outcome = host.call("add_account", engine, "Bo", 100, host.callable("announce"))
    _none_out(host, outcome, "announce")


def test_none_out_in_render(host, database):
    """While render runs, no connection is out of the pool."""
    engine = _bank(host, database)
    _insert_ada(database)
    outcome = host.call("statement", engine, 7, host.callable("render", returns="a sheet"))
    _none_out(host, outcome, "render")


def test_closed_after_error(host, database):
    """After each return and each raise every session is closed, and no connection is out."""
    engine = _bank(host, database)
    _insert_ada(database)
    announce, render = host.callable("announce"), host.callable("render", returns="a sheet")
    failing = host.callable("announce", raises=Raise("builtins:RuntimeError", ("no signal",)))
    tearing = host.callable("render", raises=Raise("builtins:RuntimeError", ("no paper",)))
    calls = [
        ("add_account", "Bo", 100, announce),
        ("get_balance", 7),
        ("statement", 7, render),
        ("add_account", "Cy", -1, announce),
        ("add_account", "Ada", 1, announce),
        ("get_balance", 999),
        ("statement", 999, render),
        ("add_account", "Di", 1, failing),
        ("statement", 7, tearing),
    ]
    for name, *arguments in calls:
        _closed(host, host.call(name, engine, *arguments))


def test_duplicate_stores_nothing(host, database):
    """A second account for one owner raises ValueError, stores nothing and announces nothing."""
    engine = _bank(host, database)
    _insert_ada(database)
    outcome = host.call("add_account", engine, "Ada", 5, host.callable("announce"))
    library = outcome.error is not None and outcome.error.cls.startswith("sqlalchemy.")
    accepted = "DUPLICATE_ACCEPTED" if outcome.error is None else None
    _raises(outcome, "ValueError", "LIBRARY_ERROR" if library else accepted)
    rows = database.rows("SELECT id, balance FROM accounts")
    expect(
        rows == [(7, 70)],
        observed=f"accounts (id, balance): {rows}",
        expected="the one account of before: (7, 70)",
    )
    calls = [str(call) for call in host.calls()]
    expect(not calls, observed=f"calls: {', '.join(calls)}", expected="announce is not called")


def test_plain_types(host, database):
    """Callers and callables get plain int, str, list and tuple."""
    engine = _bank(host, database)
    _insert_ada(database)
    added = _returned(host.call("add_account", engine, "Bo", 100, host.callable("announce")))
    _plain("add_account returns", added.value, int)
    _plain("announce is called with", _argument(host, "announce"), int)
    _plain("get_balance returns", host.call("get_balance", engine, 7).value, int)
    host.call("statement", engine, 7, host.callable("render", returns="a sheet")).ok()
    pairs = _argument(host, "render")
    _plain("render is called with", pairs, list)
    for pair in pairs:
        _plain("render's list holds", pair, tuple)
        for number in pair:
            _plain("render's pairs hold", number, int)


def test_one_engine(host, database):
    """Only the engine that the functions are given is used."""
    engine, number = host.engine(database.url)
    host.call("Base.metadata.create_all", engine).ok()
    _insert_ada(database)
    _returned(host.call("add_account", engine, "Bo", 100, host.callable("announce")))
    host.call("get_balance", engine, 7).ok()
    host.call("statement", engine, 7, host.callable("render", returns="a sheet")).ok()
    strange = [event for event in host.trace().of(OUT) if event.engine != number]
    expect(
        not strange,
        observed=f"another engine gave a connection, at {strange[0].where if strange else ''}",
        expected="every connection comes from the engine that was given",
        mistake="NEW_ENGINE",
    )


def _bank(host, database):
    """Make the engine and its tables; return the engine's handle."""
    engine, _ = host.engine(database.url)
    host.call("Base.metadata.create_all", engine).ok()
    return engine


def _insert_ada(database):
    """Store an account with three entries as another program would; its id is 7."""
    database.execute("INSERT INTO accounts (id, owner, balance) VALUES (7, 'Ada', 70)")
    for entry in ((3, 50), (1, 40), (2, -20)):
        database.execute("INSERT INTO entries (id, account_id, amount) VALUES (?, 7, ?)", *entry)


def _insert_eve(database):
    """Store one more account with an entry, so that there are entries that are not Ada's."""
    database.execute("INSERT INTO accounts (id, owner, balance) VALUES (8, 'Eve', 5)")
    database.execute("INSERT INTO entries (id, account_id, amount) VALUES (4, 8, 5)")


def _returned(outcome):
    """Return the outcome of a call that returned."""
    expect(
        outcome.error is None,
        observed=str(outcome),
        expected=f"{outcome.told} returns",
        mistake="DETACHED" if outcome.raised("DetachedInstanceError") else None,
    )
    return outcome


def _announce_raises(host, engine, database):
    """Expect that an exception of announce reaches the caller, and that the account stays."""
    failing = host.callable("announce", raises=Raise("builtins:RuntimeError", ("no signal",)))
    outcome = host.call("add_account", engine, "Di", 5, failing)
    expect(
        outcome.raised("RuntimeError"),
        observed=str(outcome),
        expected="the RuntimeError of announce leaves add_account",
        mistake="SWALLOWED" if outcome.error is None else None,
    )
    kept = database.value("SELECT count(*) FROM accounts WHERE owner = 'Di'")
    called = host.trace().last(CALLED)
    expect(
        kept == 1,
        observed="announce raised, and the account is gone",
        expected="the account stays: it was committed before the call",
        mistake=None
        if host.trace().until(called).of(COMMITTED, request=outcome.request)
        else "COMMIT_AFTER_CALL",
    )


def _reads(host, engine):
    """Expect the right balance and the right statement, and LookupError for unknown accounts."""
    balance = host.call("get_balance", engine, 7)
    expect(balance.value == 70, observed=str(balance), expected="get_balance(engine, 7) returns 70")
    unknown = host.call("get_balance", engine, 999)
    _raises(unknown, "LookupError", "UNKNOWN_IS_ZERO" if unknown.result == 0 else None)
    before = len(host.calls())
    told = host.call("statement", engine, 7, host.callable("render", returns="a sheet"))
    expect(
        told.value == "a sheet",
        observed=str(told),
        expected="statement returns what render returns: 'a sheet'",
    )
    _called(host, ["render([(1, 40), (2, -20), (3, 50)])"], before)
    _raises(host.call("statement", engine, 999, host.callable("render", returns="")), "LookupError")
    _called(host, ["render([(1, 40), (2, -20), (3, 50)])"], before)


def _empty(host, engine):
    """Expect that an account may hold nothing: a balance of 0, and no entries."""
    added = _returned(host.call("add_account", engine, "Fay", 0, host.callable("announce")))
    balance = host.call("get_balance", engine, added.value)
    expect(
        balance.error is None and balance.result == 0,
        observed=str(balance),
        expected=f"{balance.told} returns 0",
        mistake=_empty_mistake(balance),
    )
    before = len(host.calls())
    told = host.call("statement", engine, added.value, host.callable("render", returns="a sheet"))
    expect(
        told.error is None,
        observed=str(told),
        expected=f"{told.told} renders an empty list",
        mistake=_empty_mistake(told),
    )
    _called(host, ["render([])"], before)


def _empty_mistake(outcome):
    return "EMPTY_IS_UNKNOWN" if outcome.raised("LookupError") else None


def _number(value):
    """Return a value if it can be looked up as an id, and an id that nobody has if not."""
    return value if type(value) is int else -1


def _called(host, expected, after=0):
    """Expect exactly these calls of the callables, after so many others."""
    calls = [str(call) for call in host.calls()[after:]]
    expect(
        calls == expected,
        observed=f"calls: {', '.join(calls) or 'none'}",
        expected=f"calls: {', '.join(expected)}",
        mistake="NOT_PLAIN"
        if any("Entry object" in call or "Account object" in call for call in calls)
        else None,
    )


def _raises(outcome, name, mistake=None):
    """Expect that a call raised this built-in exception."""
    expect(
        outcome.raised(name), observed=str(outcome), expected=f"{outcome.told} raises {name}", mistake=mistake
    )


def _none_out(host, outcome, name):
    """Expect that no connection is out where this callable is called."""
    trace = host.trace().request(_returned(outcome).request)
    called = trace.first(CALLED)
    expect(called is not None, observed=f"{name} was never called", expected=f"{name} is called once")
    out = trace.until(called).out()
    expect(
        not out,
        observed=f"while {name} ran, a connection was out, checked out {out[0].origin if out else ''}",
        expected=f"no connection is out while {name} runs",
        mistake=_why_out(trace, called, out[0]) if out else None,
        trace=trace,
    )


def _why_out(trace, called, out):
    """Name the mistake that keeps this connection out while a callable runs."""
    committed = trace.until(called).last(COMMITTED)
    if committed is not None:
        return "EXPIRED_READ" if out.n > committed.n else "HELD_DURING_CALL"
    if trace.of(COMMITTED):
        return "COMMIT_AFTER_CALL"
    if trace.of("flush"):
        return "NO_COMMIT"
    return "HELD_DURING_CALL" if trace.of("session closed", "checked in") else "NO_CLOSE"


def _closed(host, outcome):
    """Expect that this call has left no session open and no connection out."""
    trace = host.trace()
    own = trace.request(outcome.request).until(trace.last(CALL_DONE, request=outcome.request))
    open_, out = own.unclosed(), own.out()
    left = [f"session {event.session} is still open" for event in open_] + [
        "a connection is still out"
    ] * bool(out)
    expect(
        not left,
        observed=f"{outcome}, and {' and '.join(left)}",
        expected="every session is closed, and every connection back, when the call ends",
        mistake="NO_FINALLY" if trace.of("session closed") else "NO_CLOSE",
        trace=own,
    )


def _argument(host, name):
    """Return the argument of a callable's first call."""
    given = [call.arguments[0] for call in host.calls(name) if call.arguments]
    expect(bool(given), observed=f"{name} was never called", expected=f"{name} is called")
    return given[0]


def _plain(what, value, kind):
    """Expect a value of exactly this type."""
    expect(
        type(value) is kind,
        observed=f"{what} {value}" if type(value) is not kind else "",
        expected=f"{what} exactly {kind.__name__}",
        mistake="NOT_PLAIN" if _is_librarys(value) else None,
    )


def _is_librarys(value):
    """Say whether a value is an ORM object or of a class of SQLAlchemy's; what is plain has neither mark."""
    return bool(getattr(value, "orm", "")) or getattr(value, "cls", "").startswith("sqlalchemy.")
