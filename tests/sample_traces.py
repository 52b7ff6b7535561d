"""Traces as the recorder yields them, written by hand: a drawing needs nothing that records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest
from typing import Any

from sessionlab.recorder import trace as kinds
from sessionlab.recorder.trace import Event, Trace, Where

INSERT = "INSERT INTO account (owner, balance) VALUES (?, ?)"
SELECT = "SELECT account.id, account.owner, account.balance FROM account WHERE account.id = ?"
UPDATE = "UPDATE account SET balance=? WHERE account.id = ?"
TIMEOUT = (
    "TimeoutError: QueuePool limit of size 2 overflow 0 reached, connection timed out, timeout 30.00 "
    "(Background on this error at: https://sqlalche.me/e/21/3o7r)"
)
OPENED, WANTED, QUERIED = "exercise.py:18 in get_db", "exercise.py:31 in add", "exercise.py:41 in show"
Item = tuple[str, dict[str, Any]]


def e(kind: str, ids: str = "", text: str = "", at: str = "", **data: Any) -> Item:
    """Return what an event is made of; ids are written "r1 s1 c1", a line "exercise.py:31 in get_db"."""
    names = {"r": "request", "s": "session", "c": "connection"}
    numbers = {names[word[0]]: int(word[1:]) for word in ids.split()}
    return kind, {**numbers, "text": text, "where": _where(at), "data": data}


def _where(at: str) -> Where | None:
    found = re.fullmatch(r"(.+):(\d+) in (.+)", at)
    return Where(found[1], int(found[2]), found[3]) if found else None


def trace(*items: Item) -> Trace:
    """Return the trace of these events, numbered from 1; each check-out is tied to who wanted it."""
    events: list[Event] = []
    wanted: dict[int | None, int] = {}
    for n, (kind, fields) in enumerate(items, start=1):
        if kind == kinds.CONNECTION_WANTED:
            wanted[fields.get("request")] = n
        elif kind == kinds.CHECKED_OUT or (kind == kinds.ERROR and "timed out" in fields["text"]):
            fields["data"]["wanted"] = wanted.pop(fields.get("request"), None)
        events.append(Event(n=n, kind=kind, at=n / 1000, **{"engine": 1, **fields}))
    return Trace(tuple(events))


def checkout(ids: str, at: str = WANTED) -> list[Item]:
    """Return the events of a check-out that need not wait."""
    return [
        e(kinds.CONNECTION_WANTED, ids.split()[0], at=at),
        e(kinds.CHECKED_OUT, ids, at=at),
        e(kinds.BEGIN, ids),
    ]


def commit(ids: str) -> list[Item]:
    return [e(kinds.COMMIT_SENT, ids, at="exercise.py:33 in add"), e(kinds.COMMIT_DONE, ids)]


def answer(r: str, status: int) -> list[Item]:
    return [e(kinds.RESPONSE_STARTED, r, str(status), status=status), e(kinds.RESPONSE_DONE, r, bytes=8)]


def post(r: str, s: str, c: str) -> list[Item]:
    """Return the events of a sound POST."""
    ids = f"{r} {s} {c}"
    return [
        e(kinds.REQUEST_STARTED, r, "POST /accounts"),
        e(kinds.SESSION_OPENED, f"{r} {s}", at=OPENED),
        e(kinds.FLUSH, f"{r} {s}", "1 new"),
        *checkout(ids),
        e(kinds.STATEMENT, ids, INSERT, WANTED),
        *commit(ids),
        e(kinds.CHECKED_IN, ids),
        e(kinds.SESSION_CLOSED, f"{r} {s}", at=OPENED),
        *answer(r, 201),
        e(kinds.REQUEST_DONE, r, "POST /accounts"),
    ]


def leaky_get(r: str, s: str, c: str) -> list[Item]:
    """Return the events of a GET whose session nobody closes."""
    ids = f"{r} {s} {c}"
    return [
        e(kinds.REQUEST_STARTED, r, f"GET /accounts/{r[1:]}"),
        e(kinds.SESSION_OPENED, f"{r} {s}", at=OPENED),
        *checkout(ids, QUERIED),
        e(kinds.STATEMENT, ids, SELECT, QUERIED),
        *answer(r, 200),
        e(kinds.REQUEST_DONE, r, f"GET /accounts/{r[1:]}"),
    ]


def interleaved(*runs: Iterable[Item]) -> Iterator[Item]:
    """Yield one event of each run in turn."""
    return (item for item in chain.from_iterable(zip_longest(*runs)) if item)


def sound() -> Trace:
    return trace(*post("r1", "s1", "c1"))


def leak() -> Trace:
    return trace(*leaky_get("r1", "s1", "c1"))


def loop_stopped() -> Trace:
    """Return a GET whose statement runs on the event loop's thread, and whose close nobody awaits."""
    started, opened, *checked, _statement, a, b, done = leaky_get("r1", "s1", "c1")
    blocking = e(kinds.STATEMENT, "r1 s1 c1", SELECT, QUERIED, blocking=True)
    lost = e(kinds.NEVER_AWAITED, "r1", "AsyncSession.close", QUERIED)
    return trace(started, opened, *checked, blocking, lost, a, b, done)


def many_leaks(number: int = 100) -> Trace:
    return trace(*chain.from_iterable(leaky_get(f"r{i}", f"s{i}", f"c{i}") for i in range(1, number + 1)))


def collected() -> Trace:
    """Return a leak that the garbage collector ended when the request was over."""
    return trace(*leaky_get("r1", "s1", "c1"), e(kinds.CHECKED_IN, "r1 s1 c1", collected=True))


def commit_after_response() -> Trace:
    return trace(
        e(kinds.REQUEST_STARTED, "r1", "POST /accounts"),
        e(kinds.SESSION_OPENED, "r1 s1", at=OPENED),
        e(kinds.FLUSH, "r1 s1", "1 new"),
        *checkout("r1 s1 c1"),
        e(kinds.STATEMENT, "r1 s1 c1", INSERT, WANTED),
        *answer("r1", 201),
        *commit("r1 s1 c1"),
        e(kinds.CHECKED_IN, "r1 s1 c1"),
        e(kinds.SESSION_CLOSED, "r1 s1", at=OPENED),
        e(kinds.REQUEST_DONE, "r1", "POST /accounts"),
    )


def background() -> Trace:
    """Return a request whose background task commits in a session of its own, as it should."""
    task = "r1 s2 c1"
    return trace(
        *post("r1", "s1", "c1")[:-1],
        e(kinds.BACKGROUND, "r1", "mail"),
        e(kinds.SESSION_OPENED, "r1 s2", at="exercise.py:50 in mail"),
        *checkout(task, "exercise.py:51 in mail"),
        e(kinds.STATEMENT, task, "INSERT INTO sent (account_id) VALUES (?)", "exercise.py:51 in mail"),
        *commit(task),
        e(kinds.CHECKED_IN, task),
        e(kinds.SESSION_CLOSED, "r1 s2", at="exercise.py:50 in mail"),
        e(kinds.BACKGROUND_DONE, "r1", "mail"),
        e(kinds.REQUEST_DONE, "r1", "POST /accounts"),
    )


def deadlock() -> Trace:
    """Return two requests that hold one connection each and want a second one from a pool of two."""

    def stuck(r: str, s: str, c: str, second: str) -> list[Item]:
        return [
            e(kinds.REQUEST_STARTED, r, "POST /transfers"),
            e(kinds.SESSION_OPENED, f"{r} {s}", at=OPENED),
            *checkout(f"{r} {s} {c}", "exercise.py:60 in transfer"),
            e(kinds.STATEMENT, f"{r} {s} {c}", UPDATE, "exercise.py:60 in transfer"),
            e(kinds.SESSION_OPENED, f"{r} {second}", at="exercise.py:70 in audit"),
            e(kinds.CONNECTION_WANTED, r, at="exercise.py:71 in audit"),
        ]

    return trace(*interleaved(stuck("r1", "s1", "c1", "s3"), stuck("r2", "s2", "c2", "s4")))


def waited() -> Trace:
    """Return two requests on a pool of one: the second waits until the first gives its connection back."""
    first, second = post("r1", "s1", "c1"), post("r2", "s2", "c1")
    return trace(*first[:7], *second[:4], *first[7:], *second[4:])


def gave_up() -> Trace:
    """Return a request that got a time-out in place of a connection, since two others leak."""
    return trace(
        *leaky_get("r1", "s1", "c1"),
        *leaky_get("r2", "s2", "c2"),
        e(kinds.REQUEST_STARTED, "r3", "GET /accounts/3"),
        e(kinds.SESSION_OPENED, "r3 s3", at=OPENED),
        e(kinds.CONNECTION_WANTED, "r3", at=QUERIED),
        e(kinds.ERROR, "r3", TIMEOUT, QUERIED),
        e(kinds.SESSION_CLOSED, "r3 s3", at=OPENED),
        *answer("r3", 500),
        e(kinds.REQUEST_DONE, "r3", "GET /accounts/3", error=TIMEOUT),
    )


def commit_failed() -> Trace:
    """Return a request whose COMMIT fails on a deferred foreign key, and which answers 409."""
    return trace(
        e(kinds.REQUEST_STARTED, "r1", "POST /accounts"),
        e(kinds.SESSION_OPENED, "r1 s1", at=OPENED),
        e(kinds.FLUSH, "r1 s1", "1 new"),
        *checkout("r1 s1 c1"),
        e(kinds.STATEMENT, "r1 s1 c1", "INSERT INTO account (owner, branch_id) VALUES (?, ?)", WANTED),
        e(kinds.COMMIT_SENT, "r1 s1 c1", at="exercise.py:33 in add"),
        e(kinds.COMMIT_FAILED, "r1 s1 c1", "IntegrityError: FOREIGN KEY constraint failed"),
        e(kinds.ROLLBACK, "r1 s1 c1"),
        e(kinds.CHECKED_IN, "r1 s1 c1"),
        e(kinds.SESSION_CLOSED, "r1 s1", at=OPENED),
        *answer("r1", 409),
        e(kinds.REQUEST_DONE, "r1", "POST /accounts"),
    )


def plain_call() -> Trace:
    """Return a call of a function that hands the new id to `announce`."""
    ids = "r1 s1 c1"
    return trace(
        e(kinds.CALL_STARTED, "r1", "add_account('Ada', 100)"),
        e(kinds.SESSION_OPENED, "r1 s1", at="exercise.py:12 in add_account"),
        e(kinds.FLUSH, "r1 s1", "1 new"),
        *checkout(ids, "exercise.py:14 in add_account"),
        e(kinds.STATEMENT, ids, INSERT, "exercise.py:14 in add_account"),
        *commit(ids),
        e(kinds.CHECKED_IN, ids),
        e(kinds.SESSION_CLOSED, "r1 s1", at="exercise.py:12 in add_account"),
        e(kinds.CALLED, "r1", "announce(1)"),
        e(kinds.CALL_RETURNED, "r1", "announce(1)"),
        e(kinds.CALL_DONE, "r1", "add_account('Ada', 100)"),
    )


def query_for_each(number: int = 100) -> Trace:
    """Return a call with a query for each row of another query."""
    entry = "SELECT entry.id, entry.account_id, entry.amount FROM entry WHERE entry.account_id = ?"
    ids = "r1 s1 c1"
    return trace(
        e(kinds.CALL_STARTED, "r1", "totals()"),
        e(kinds.SESSION_OPENED, "r1 s1", at="exercise.py:20 in totals"),
        *checkout(ids, "exercise.py:21 in totals"),
        e(kinds.STATEMENT, ids, "SELECT account.id FROM account", "exercise.py:21 in totals"),
        *(e(kinds.STATEMENT, ids, entry, "exercise.py:22 in totals") for _ in range(number)),
        e(kinds.ROLLBACK, ids),
        e(kinds.CHECKED_IN, ids),
        e(kinds.SESSION_CLOSED, "r1 s1", at="exercise.py:20 in totals"),
        e(kinds.CALL_DONE, "r1", "totals()"),
    )


def concurrent(number: int = 30) -> Trace:
    """Return sound requests whose events alternate."""
    return trace(*interleaved(*(post(f"r{i}", f"s{i}", f"c{i}") for i in range(1, number + 1))))


def two_sessions() -> Trace:
    """Return two sessions in one notebook cell: no request, and each reads what the other writes."""
    a, b = "s1 c1", "s2 c2"
    out = [(e(kinds.CONNECTION_WANTED), e(kinds.CHECKED_OUT, ids, at="cell:4 in <module>")) for ids in (a, b)]
    return trace(
        e(kinds.SESSION_OPENED, "s1", at="cell:1 in <module>"),
        e(kinds.SESSION_OPENED, "s2", at="cell:2 in <module>"),
        *out[0],
        e(kinds.BEGIN, a),
        e(kinds.STATEMENT, a, SELECT),
        *out[1],
        e(kinds.BEGIN, b),
        e(kinds.STATEMENT, b, UPDATE),
        *commit(b),
        e(kinds.CHECKED_IN, b),
        e(kinds.STATEMENT, a, SELECT),
        e(kinds.ROLLBACK, a),
        e(kinds.CHECKED_IN, a),
        e(kinds.SESSION_CLOSED, "s1"),
        e(kinds.SESSION_CLOSED, "s2"),
    )


def not_sent() -> Trace:
    """Return a reader on SQLite, a writer whose BEGIN the driver sends late, and a COMMIT past SQLAlchemy."""
    reader, writer = "r1 s1 c1", "r2 s2 c2"
    return trace(
        e(kinds.CALL_STARTED, "r1", "read()"),
        *checkout(reader)[:2],
        e(kinds.BEGIN, reader, sent=False),
        e(kinds.SAVEPOINT, reader),
        e(kinds.STATEMENT, reader, "SAVEPOINT one"),
        e(kinds.STATEMENT, reader, SELECT),
        e(kinds.RELEASE, reader, "one"),
        e(kinds.STATEMENT, reader, "RELEASE SAVEPOINT one"),
        e(kinds.COMMIT_SENT, reader, sent=False),
        e(kinds.COMMIT_DONE, reader, sent=False),
        e(kinds.CHECKED_IN, reader),
        e(kinds.SESSION_CLOSED, "r1 s1"),
        e(kinds.CALL_DONE, "r1", "read()"),
        e(kinds.CALL_STARTED, "r2", "write()"),
        *checkout(writer)[:2],
        e(kinds.BEGIN, writer, sent=False),
        e(kinds.STATEMENT, writer, SELECT),
        e(kinds.STATEMENT, writer, INSERT, began="BEGIN"),
        e(kinds.DRIVER_SENT, writer, "COMMIT"),
        e(kinds.ROLLBACK, writer, sent=False),
        e(kinds.CHECKED_IN, writer),
        e(kinds.SESSION_CLOSED, "r2 s2"),
        e(kinds.CALL_DONE, "r2", "write()"),
    )


def hostile() -> Trace:
    """Return texts that a notation could take for its own: quotes, entities, keywords, markup, line ends."""
    texts = (
        "end", "SELECT 1; DROP TABLE account -- #35; #lt;", "%% {init: {}} note over a: b",
        "alt <b>bold</b>\n& $$x$$", "Zoë's “Konto” 口座 → ß ﬂ°°59¶ß", "style x:#fff;", "wrap:off",
        "\x1b[31mred\x00", "```mermaid", "|a|b| *c* _d_ \\e",
    )  # fmt: skip
    return trace(
        e(kinds.REQUEST_STARTED, "r1", "POST /end;participant x"),
        *(e(kinds.STATEMENT, "r1 s1 c1", text) for text in texts),
        *(e(kinds.ERROR, "r1 s1 c1", f"Error: {text}") for text in texts),
        e(kinds.REQUEST_DONE, "r1"),
    )


ALL = {
    make.__name__: make
    for make in (
        sound, leak, many_leaks, collected, commit_after_response, background, deadlock, waited, gave_up,
        commit_failed, plain_call, query_for_each, concurrent, two_sessions, loop_stopped, not_sent, hostile,
    )
}  # fmt: skip
