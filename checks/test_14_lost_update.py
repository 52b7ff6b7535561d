"""14 lost_update: every withdrawal that succeeded counts, whoever else writes meanwhile."""

import re
from dataclasses import dataclass
from typing import Any

from sessionlab.verdict import Mistake, expect, needs, on

MISTAKES = {
    "READ_COMPUTE_WRITE": Mistake(
        "The new balance was computed from one that had been read before. A transaction does not keep others from "
        "writing in between, and what they wrote was overwritten.",
        "What really happens",
    ),
    "NOT_LOCKED": Mistake(
        "The row itself was not locked. A lock that others don't ask for, in your program's memory or anywhere else, "
        "keeps nobody out.",
        "A lock that is none",
    ),
    "LOCKED_TOO_LATE": Mistake(
        "The lock came too late: the balance had been read before. The session still has the object of its first "
        "read, and a later SELECT, also FOR UPDATE, leaves its attributes as they are.",
        "A lock that is none",
    ),
    "LOCK_GIVEN_BACK": Mistake(
        "The lock was given back before the UPDATE. FOR UPDATE holds until its transaction ends, and that one had "
        "ended: by COMMIT, by ROLLBACK, by closing the session, or at once, where the connection is on AUTOCOMMIT.",
        "A lock that is none",
    ),
    "SHARED_LOCK": Mistake(
        "FOR SHARE and FOR KEY SHARE are locks that several can have at once. FOR KEY SHARE lets others change the "
        "balance; of two who have FOR SHARE each waits for the other's end before it can write: a deadlock.",
        "A lock that is none",
    ),
    "NO_ROW_LOCKS": Mistake(
        "SQLite has no row locks, and a SELECT there locks nobody out: SQLAlchemy leaves FOR UPDATE out of what it "
        "sends, and says nothing.",
        "A lock that is none",
    ),
    "DID_NOT_WAIT": Mistake(
        "NOWAIT and SKIP LOCKED do not wait for the other withdrawal. Its end was a moment away, and the caller "
        "gets an error, or is told that the account does not exist.",
        "The exercise",
    ),
    "COMPARED_IN_PYTHON": Mistake(
        "The version was compared in Python, and then the row was written whatever its version. Between the two "
        "there is room for somebody else: only the UPDATE itself can compare and write in one step.",
        "The rule and its cost",
    ),
    "STALE_RETRY": Mistake(
        "After the conflict the write was tried again. Who decided to take the money knew only the balance of before; "
        "whether to try again, after reading again, is the caller's to decide.",
        "The exercise",
    ),
    "BALANCE_AS_VERSION": Mistake(
        "The balance was compared in the place of the version. It can be the same number again after others have "
        "written; a version never is.",
        "Why a version, and not the balance",
    ),
    "GUARDED_IN_PYTHON": Mistake(
        "The balance was guarded in Python, before the UPDATE. When the UPDATE ran there was less, and only the "
        "table's CHECK stopped it, with an error that the caller was not promised.",
        "The rule and its cost",
    ),
    "ROWCOUNT_IGNORED": Mistake(
        "The UPDATE met no row, which is no error for the database: it says so by its row count, and nobody looked.",
        "The rule and its cost",
    ),
    "READ_AFTER_COMMIT": Mistake(
        "The balance was read after COMMIT, in a new transaction. By then somebody else may have written.",
        "The exercise",
    ),
    "NO_COMMIT": Mistake(
        "Nothing was committed. What a transaction has written is gone when it is closed without a COMMIT.",
        "The exercise",
    ),
    "TWO_COMMITS": Mistake(
        "What belongs together was committed in two transactions. In between others see one half, and if the second "
        "never comes, that is how it stays.",
        "The exercise",
    ),
    "UNSEEN": Mistake(
        "The statements went through the driver's own cursor. SQLAlchemy does not see those, so that nothing can be "
        "held, or recorded, or checked.",
        "The exercise",
    ),
    "VERSION_KEPT": Mistake(
        "The row was written and its version stayed as it was, so nobody who read it before can notice.",
        "The exercise",
    ),
    "SQL_FIRST": Mistake(
        "An amount that can never be withdrawn was taken to the database.",
        "The exercise",
    ),
    "LIBRARY_ERROR": Mistake(
        "The caller was promised the exercise's exceptions and gets one of the library's.",
        "The exercise",
    ),
    "FEW_RETRIES": Mistake(
        "The write was tried a few times, and then given up. Each of the others succeeded meanwhile: how often that "
        "happens is not yours to say, and an UPDATE that computes by itself needs no second try.",
        "The rule and its cost",
    ),
    "LEFT_OPEN": Mistake(
        "An exception passed by the line that closes. A transaction that nobody ends keeps its locks, and others wait.",
        "The exercise",
    ),
}

HINTS = {
    "answers": [
        "What does each function owe its caller, and who else can see what it stored?",
        "In the trace of the call, look for `COMMIT done`, and for the columns that the UPDATE sets.",
        "The version goes up with every write, an unknown account is no empty one, and 0 is no amount.",
        "README, “The exercise”",
    ],
    "atomic_counts_all": [
        "Between your SELECT and your UPDATE, what may another process do?",
        "Look at the number that your UPDATE sets: who computed it, and when?",
        "An UPDATE can compute: `values(balance=Account.balance - amount)` sends `balance - 30`, no number.",
        "README, “The rule and its cost”",
    ],
    "locked_keeps_others_out": [
        "From which statement on do others have to wait?",
        "In the columns, find the first step of the other process that waits: what had you read by then?",
        "Let the first statement that reads the balance be the one that locks.",
        "README, “A lock that is none”",
    ],
    "locked_waits_its_turn": [
        "Somebody else has the lock. What should your caller notice of that?",
        "Look at the end of your SELECT: does it say NOWAIT or SKIP LOCKED?",
        "FOR UPDATE waits by itself, and then reads what the other one has committed.",
        "README, “The exercise”",
    ],
    "two_at_once": [
        "Two callers run the same function at the same time. What may the second one do before the first has ended?",
        "Look at the end of your SELECT: with which lock does it read, and may two have that at once?",
        "Who is going to write needs a lock that nobody else can have: `with_for_update()`, without `read`.",
        "README, “A lock that is none”",
    ],
    "locked_without_row_locks": [
        "What does SQLAlchemy send to SQLite for `with_for_update()`?",
        "In the columns your SELECT stands as it was sent. Which word is missing?",
        "Say LockUnsupported where the dialect has no row locks, or take the lock for writing before you read.",
        "README, “A lock that is none”",
    ],
    "versioned_sees_changes": [
        "Which statement compares the version, and which one writes?",
        "Look at the WHERE of your UPDATE, and at how many rows it changed.",
        "`WHERE id = … AND version = …` compares and writes in one step; 0 rows changed is the conflict.",
        "README, “The rule and its cost”",
    ],
    "two_of_eighty": [
        "100 in the account, two withdrawals of 80. What does the second caller hear?",
        "Look at how many rows your UPDATE changed, and at what your function did about it.",
        "Put the guard into the UPDATE's WHERE, and look at what it says: a row, or none.",
        "README, “The rule and its cost”",
    ],
    "nothing_left_open": [
        "Which line ends the transaction where your function raises?",
        "Look for `checked in` and `session closed` at the end of the call that raised.",
        "A `with` block ends what it began, whatever happens inside.",
        "README, “The exercise”",
    ],
    "interleavings": [
        "What if others write each time before you do?",
        "The verdict names a seed: with it, this order of steps comes first, so that you can try your cure on it.",
        "Add up: what was there, less what each success took, is what must be left.",
        "README, “The rule and its cost”",
    ],
}

ATOMIC, LOCKED, VERSIONED = "withdraw_atomic", "withdraw_locked", "withdraw_versioned"
FUNCTIONS = (ATOMIC, LOCKED, VERSIONED)
NAMED = {
    ATOMIC: ("Insufficient",),
    LOCKED: ("Insufficient",),
    VERSIONED: ("Insufficient", "Conflict"),
}
TAKE = (
    "UPDATE accounts SET balance = balance - ?, version = version + 1 "
    "WHERE id = 1 AND balance >= ? RETURNING balance"
)
GIVE = "UPDATE accounts SET balance = balance + ?, version = version + 1 WHERE id = 1 RETURNING balance"
LOCK_WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
STATEMENT = "statement"
GLANCE = 0.002  # seconds between two looks at a call that may wait for a lock
MOST_TURNS = 12
INTERLEAVINGS = 200


# --- one at a time


def test_answers(host, database):
    """Each function returns, stores and raises as the contract says."""
    engine = _bank(host, database)
    for name in FUNCTIONS:
        _fill(database, 100)
        if _withdraws(host, database, engine, name, 30, 70, 2):
            _withdraws(host, database, engine, name, 70, 0, 3)
            _raises(host, database, engine, name, 1, 1, "Insufficient")
            _raises(host, database, engine, name, 999, 1, "UnknownAccount")
        for amount in (0, -5):
            outcome = _raises(host, database, engine, name, 1, amount, "ValueError")
            sent = host.trace(request=outcome.request).of(STATEMENT)
            expect(
                not sent,
                observed=f"{outcome.told} sent {sent[0].text if sent else ''}",
                expected=f"{outcome.told} raises ValueError before it sends anything",
                mistake="SQL_FIRST",
            )


def test_atomic_counts_all(host, database, interleave):
    """withdraw_atomic counts every withdrawal, whenever another process comes."""
    for race in Racer(host, database, interleave).in_turn(ATOMIC, 100, 30, lambda _, other: other.take(20)):
        _adds_up(race)
        _succeeds(race)


@on("postgresql")
def test_locked_keeps_others_out(host, database, interleave):
    """withdraw_locked counts every withdrawal: another process comes before it, or has to wait."""
    for race in Racer(host, database, interleave).in_turn(LOCKED, 100, 30, lambda _, other: other.take(20)):
        _adds_up(race)
        _succeeds(race)


@on("postgresql")
def test_locked_waits_its_turn(host, database, interleave):
    """Where another process is in the middle of a withdrawal, withdraw_atomic and withdraw_locked wait for its end."""

    def begin(turn, other):
        if turn.number == 1:
            other.take(20, commit=False)

    racer = Racer(host, database, interleave)
    for name in (ATOMIC, LOCKED):
        race = racer.run(name, 100, 30, begin)
        _adds_up(race)
        _succeeds(race)


@on("postgresql")
@needs("atomic_counts_all", "locked_keeps_others_out", "locked_waits_its_turn")
def test_two_at_once(host, database):
    """Two calls at the same time, of withdraw_atomic or of withdraw_locked, wait for each other, and both succeed."""
    engine = _bank(host, database)
    for name in (ATOMIC, LOCKED):
        _fill(database, 100)
        for outcome in _at_once(host, database, name, engine):
            trace = host.trace(request=outcome.request)
            expect(
                outcome.error is None,
                observed=f"while another call of {name} was in progress, {outcome}",
                expected=f"{outcome.told} returns: it waits for the other, and there is enough for both",
                mistake=_why_refused(outcome, trace),
                trace=trace,
            )
        left, version = _stored(database)
        expect(
            (left, version) == (40, 3),
            observed=f"of 100, {name} took 30 twice, at the same time: {left} are left, at version {version}",
            expected="40 are left, at version 3: each withdrawal that succeeded counts once",
        )


@on("sqlite")
def test_locked_without_row_locks(host, database, interleave):
    """Where there are no row locks, withdraw_locked keeps others out all the same, or raises LockUnsupported."""
    for race in Racer(host, database, interleave).in_turn(LOCKED, 100, 30, lambda _, other: other.take(20)):
        _adds_up(race)


def test_versioned_sees_changes(host, database, interleave):
    """withdraw_versioned raises Conflict where the row has changed since its read, even if the balance has not."""
    racer = Racer(host, database, interleave)
    for race in racer.in_turn(VERSIONED, 100, 30, lambda _, other: other.take(20)):
        _adds_up(race)
        _conflicts(race)
    for race in racer.in_turn(VERSIONED, 100, 30, _take_and_give):
        _conflicts(race)


def test_two_of_eighty(host, database, interleave):
    """With 100 in the account and two withdrawals of 80, one succeeds, and the other gets the named error."""
    racer = Racer(host, database, interleave)
    for name in FUNCTIONS:
        for race in racer.in_turn(name, 100, 80, lambda _, other: other.take(80)):
            if not _unsupported(race.outcome, race.kind):
                winners = race.succeeded + len(race.theirs)
                who = ("neither", "one", "both")[winners]
                _claim(race, winners == 1, f"{race}: {who} succeeded", "one of the two succeeds")
            _adds_up(race)


def test_nothing_left_open(host, database, interleave):
    """After each call, however it ended, no connection is out and every session is closed."""
    racer = Racer(host, database, interleave)
    for name in FUNCTIONS:
        for account, amount in ((1, 30), (1, 0), (999, 1), (1, 5000)):
            _fill(database, 100)
            _closed(host, database, host.call(name, racer.engine, account, amount))
    for race in racer.in_turn(VERSIONED, 100, 30, lambda _, other: other.take(20)):
        _closed(host, database, race.outcome)


def test_interleavings(host, database, interleave, seeds):
    """In whatever order things happen, each withdrawal that succeeded counts once."""
    racer = Racer(host, database, interleave)
    for seed, chance in seeds(INTERLEAVINGS):
        _adds_up(_by_chance(racer, chance, seeds.again(seed)))


def _bank(host, database):
    """Make the engine and its table with account 1; return the engine's handle."""
    engine, _ = host.engine(database.url)
    host.call("Base.metadata.create_all", engine).value  # noqa: B018 - raises where the call raised
    database.execute("INSERT INTO accounts (id, balance, version) VALUES (1, 100, 1)")
    return engine


def _fill(database, balance):
    """Let account 1 hold so much, at version 1."""
    database.execute("UPDATE accounts SET balance = ?, version = 1 WHERE id = 1", balance)


def _stored(database):
    """Return the account's balance and version, as others see them."""
    return database.rows("SELECT balance, version FROM accounts WHERE id = 1")[0]


def _unsupported(outcome, kind):
    """Say whether withdraw_locked said, where it may, that this database can't lock a row."""
    return kind == "sqlite" and outcome.told.startswith(LOCKED) and outcome.raised("LockUnsupported")


def _withdraws(host, database, engine, name, amount, balance, version):
    """Expect a withdrawal that leaves this balance and this version; return False if it can't be locked here."""
    before = _stored(database)
    outcome = host.call(name, engine, 1, amount)
    if _unsupported(outcome, database.kind):
        _unchanged(database, outcome, before)
        return False
    trace = host.trace(request=outcome.request)
    expect(
        outcome.value == balance and type(outcome.result) is int,
        observed=str(outcome),
        expected=f"{outcome.told} returns {balance}, the new balance",
    )
    left, now = _stored(database)
    expect(
        left == balance,
        observed=f"{outcome}, and another connection finds a balance of {left}",
        expected=f"a balance of {balance} is stored",
        mistake=None if trace.of("COMMIT done") else "NO_COMMIT",
        trace=trace,
    )
    expect(
        now == version,
        observed=f"{outcome.told} left the account at version {now}",
        expected=f"the account is at version {version}: each writer raises it by one",
        mistake="VERSION_KEPT" if now == before[1] else None,
        trace=trace,
    )
    _in_one(outcome, trace)
    return True


def _in_one(outcome, trace):
    """Expect that the statements which wrote were seen, and that one COMMIT ended them."""
    wrote = [event for event in trace.of(STATEMENT) if _writes(event.text) and _met(event)]
    expect(
        bool(wrote),
        observed=f"{outcome}, and no statement that wrote was seen",
        expected="a Session or a Connection of the engine sends the statements",
        mistake="UNSEEN",
        trace=trace,
    )
    commits = {commit.n for event in wrote if (commit := trace.after(event).first("COMMIT done"))}
    expect(
        len(commits) < 2,
        observed=f"{outcome}, and {len(commits)} COMMITs stored it",
        expected="each withdrawal is one transaction",
        mistake="TWO_COMMITS",
        trace=trace,
    )


def _raises(host, database, engine, name, account, amount, error):
    """Expect this exception, and that nothing has changed; return the outcome."""
    before = _stored(database)
    outcome = host.call(name, engine, account, amount)
    library = outcome.error is not None and outcome.error.cls.startswith("sqlalchemy.")
    expect(
        outcome.raised(error),
        observed=str(outcome),
        expected=f"{outcome.told} raises {error}",
        mistake="LIBRARY_ERROR" if library else None,
    )
    _unchanged(database, outcome, before)
    return outcome


def _unchanged(database, outcome, before):
    """Expect the balance and the version of before."""
    now = _stored(database)
    expect(
        now == before,
        observed=f"{outcome}, and the account went from (balance, version) {before} to {now}",
        expected="a withdrawal that raises changes nothing",
    )


# --- against another process


@dataclass
class Race:
    """One withdrawal against another process's writes, when both have ended.

    `turns` are the statements that the call was held before; COMMIT is an empty one.
    """

    name: str
    start: int
    amount: int
    pair: Any
    other: Any
    turns: list[str]
    left: int
    version: int
    host: Any
    kind: str
    seed: str = ""

    @property
    def outcome(self):
        """What came of the call."""
        return self.pair.outcome

    @property
    def succeeded(self):
        """Whether the call returned, which says that it withdrew."""
        return self.outcome.error is None

    @property
    def theirs(self):
        """Each write of the other process that succeeded: the amount (below 0: paid in), and the balance it left."""
        return [
            (amount, ran.rows[0][0])
            for amount, ran in zip(self.other.asked, self.pair.ran, strict=True)
            if ran.rows
        ]

    @property
    def due(self):
        """What must be left."""
        own = self.amount if self.succeeded else 0
        return self.start - own - sum(amount for amount, _ in self.theirs)

    def __str__(self):
        took = ", ".join(str(amount) for amount, _ in self.theirs if amount > 0) or "nothing"
        paid = "".join(f" and paid in {-amount}" for amount, _ in self.theirs if amount < 0)
        theirs = f"took {took}{paid}"
        told = f"with {self.start} in the account, another process {theirs}, and {self.outcome}"
        return f"{told} ({self.seed})" if self.seed else told


class Racer:
    """Runs one withdrawal after the other against another process."""

    def __init__(self, host, database, interleave):
        self.host, self.database, self.interleave = host, database, interleave
        self.engine = _bank(host, database)

    def run(self, name, start, amount, act, seed="", telling=False):
        """Run one; before each of its statements `act(turn, other)` may write. Return the race."""
        _fill(self.database, start)
        turns = []
        with self.interleave(name, self.engine, 1, amount) as pair:
            other, pair.telling = Other(pair), telling
            for turn in pair.turns():
                other.turn = turn
                if turn.waits or (other.open and turn.number > MOST_TURNS):  # it may also ask again and again
                    other.commit()
                else:
                    turns.append(turn.text)
                    act(turn, other)
        stored = _stored(self.database)
        return Race(name, start, amount, pair, other, turns, *stored, self.host, self.database.kind, seed)

    def in_turn(self, name, start, amount, act):
        """Yield a race for each statement and COMMIT of the call: before it, and there alone, `act` may write."""
        for place in range(1, MOST_TURNS + 1):

            def once(turn, other, place=place):
                if turn.number == place:
                    act(turn, other)

            race = self.run(name, start, amount, once, telling=place == 2)
            if not race.other.active:
                return
            yield race


class Other:
    """The other process in one race.

    `active` tells at which turns of the call it did something, and if at once; `entered`, at which it wrote at once.
    """

    def __init__(self, pair):
        self.pair, self.asked, self.turn, self.active, self.entered = pair, [], None, [], []

    def take(self, amount, commit=True):
        """Withdraw; return False where it has to wait for the call."""
        return self._write(amount, commit, TAKE, amount, amount)

    def give(self, amount):
        """Pay in."""
        return self._write(-amount, True, GIVE, amount)

    def _write(self, asked, commit, sql, *parameters):
        self.asked.append(asked)
        done = self.pair.write(sql, *parameters, commit=commit)
        self.active.append((self.turn.number, done))
        self.entered += [self.turn.number] * done
        return done

    def commit(self):
        """Commit what was written."""
        self.pair.commit()
        self.active.append((self.turn.number + self.turn.waits, True))

    @property
    def open(self):
        """Whether it has written and not committed."""
        return self.pair.open

    @property
    def waits(self):
        """Whether its last write waits for the call."""
        return self.pair.waiting

    @property
    def late(self):
        """Whether it did anything after the call's first statement."""
        return any(number > 1 for number, _ in self.active)


def _adds_up(race):
    """Expect that each success counts once, and that whoever failed was promised that error and changed nothing."""
    if not _unsupported(race.outcome, race.kind):
        _promised(race)
    _claim(
        race,
        race.left == race.due,
        f"{race}: {race.left} are left",
        f"{race.due} are left: each withdrawal that succeeded counts once",
    )
    returned = [*race.theirs, *([(race.amount, race.outcome.result)] if race.succeeded else [])]
    _claim(
        race,
        any(amount < 0 for amount, _ in returned) or _is_chain(race.start, returned),
        f"{race}; the other process was told {', '.join(str(balance) for _, balance in race.theirs)}",
        "each withdrawal returns the balance that it left behind",
    )
    writes = len(race.theirs) + race.succeeded
    _claim(
        race,
        race.version == 1 + writes,
        f"{race}; after {writes} writes the account went from version 1 to {race.version}",
        "each writer raises the version by one",
        lambda race: "VERSION_KEPT" if race.version < 1 + writes else None,
    )


def _is_chain(balance, returned):
    """Say whether these withdrawals, in some order, left the balances that they returned."""
    if not all(type(left) is int for _, left in returned):
        return False
    for amount, left in sorted(returned, key=lambda pair: -pair[1]):
        if left != balance - amount:
            return False
        balance = left
    return True


def _promised(race):
    """Expect success, or an exception that the contract names, where it is due."""
    outcome, named = race.outcome, NAMED[race.name]
    _claim(
        race,
        race.succeeded or any(outcome.raised(name) for name in named),
        str(race),
        f"{outcome.told} returns, or raises {' or '.join(named)}",
    )
    if outcome.raised("Insufficient"):
        _claim(
            race,
            race.left < race.amount,
            f"{race}: {race.left} are left, which is enough",
            "Insufficient is raised only where the account holds too little",
        )
    if outcome.raised("Conflict"):
        _claim(
            race,
            bool(race.theirs) and race.other.late,
            f"{race}, though nobody wrote after its first statement",
            "Conflict is raised only where the row has changed since it was read",
        )


def _claim(race, holds, observed, expected, why=None):
    """State a claim about a race; where it does not hold, its steps are drawn."""
    expect(
        holds,
        observed=observed,
        expected=expected,
        mistake=None if holds else (why or _why)(race),
        steps=race.pair.steps,
    )


def _why(race):
    """Name the mistake behind a race that went wrong, as far as its statements and its end show it."""
    trace = race.host.trace(request=race.outcome.request)
    sent = [event.text for event in trace.of(STATEMENT)]
    if any(re.search(r"NOWAIT|SKIP LOCKED", text) for text in sent):
        return "DID_NOT_WAIT"
    writes = [event for event in trace.of(STATEMENT) if _writes(event.text)]
    met = list(filter(_met, writes))
    if race.outcome.error is not None:
        return _why_raised(race.outcome.error, sent, writes, met)
    if race.succeeded and not trace.of("COMMIT done"):
        return "NO_COMMIT"
    if race.left > race.due:
        return "ROWCOUNT_IGNORED" if writes and not met else _why_lost(race, sent)
    committed = trace.last("COMMIT done")
    later = trace.after(committed).of(STATEMENT) if committed else []
    return "READ_AFTER_COMMIT" if any(_reads(event.text) for event in later) else None


def _why_raised(error, sent, writes, met):
    """Name the mistake behind an exception that nobody was promised."""
    if error.is_a("IntegrityError") and any(map(_reads, sent)):
        return "GUARDED_IN_PYTHON"
    if len(writes) > 1 and not met:
        return "FEW_RETRIES"
    return "LIBRARY_ERROR" if error.cls.startswith("sqlalchemy.") else None


def _why_lost(race, sent):
    """Name the mistake by which another process's withdrawal was overwritten."""
    if race.name == VERSIONED:
        return _why_not_compared(sent)
    if race.name == ATOMIC:
        return "READ_COMPUTE_WRITE" if any(map(_sets_a_number, sent)) else None
    if race.kind == "sqlite":
        return "LOCKED_TOO_LATE" if any(map(_begins_to_write, sent)) else "NO_ROW_LOCKS"
    return _why_not_locked(race, sent)


def _why_not_locked(race, sent):
    """Name the mistake by which a row lock did not keep another process out."""
    if any(re.search("FOR (KEY )?SHARE", text) for text in sent):
        return "SHARED_LOCK"
    locked = [number for number, text in enumerate(race.turns, 1) if "FOR UPDATE" in text]
    if not locked:
        return "NOT_LOCKED"
    return "LOCK_GIVEN_BACK" if max(race.other.entered, default=0) > locked[0] else "LOCKED_TOO_LATE"


def _why_not_compared(sent):
    """Name the mistake by which a change of the row went by unnoticed."""
    conditions = [text.partition(" WHERE ")[2] for text in sent if _writes(text)]
    if not any("version" in condition for condition in conditions):
        return "BALANCE_AS_VERSION" if any("balance" in text for text in conditions) else "COMPARED_IN_PYTHON"
    return "STALE_RETRY" if len(conditions) > 1 else None


def _reads(statement):
    return statement.upper().startswith("SELECT")


def _writes(statement):
    """Say whether it writes rows; BEGIN, SET, SAVEPOINT and LOCK do not."""
    return statement.upper().startswith(("UPDATE", "WITH", "MERGE", "INSERT", "DELETE"))


def _met(event):
    """Say whether this statement has met a row."""
    return bool(event.data.get("changed", event.data.get("fetched", 0)))


def _sets_a_number(statement):
    """Say whether it is an UPDATE to a balance that came from Python."""
    return _writes(statement) and re.search(r"\bbalance *= *[?%:$\d]", statement.partition(" WHERE ")[0])


def _begins_to_write(statement):
    """Say whether it takes SQLite's lock for writing."""
    return re.match("BEGIN (IMMEDIATE|EXCLUSIVE)", statement, re.IGNORECASE)


def _succeeds(race):
    """Expect that the call has withdrawn: there was enough for both."""
    _claim(race, race.succeeded, str(race), f"{race.outcome.told} returns: there is enough for both")


def _at_once(host, database, name, engine):
    """Hold one call before it writes, let another come as far as it gets, and return what came of both."""
    with host.hold(STATEMENT, "^update") as gate:
        running = host.start(name, engine, 1, 30)
        if gate.wait(running):
            with host.hold(STATEMENT, "^update") as other_gate:
                other = host.start(name, engine, 1, 30)
                _come_far(host, database, other, other_gate)
        else:
            other = host.start(name, engine, 1, 30)
    return running.result(), other.result()


def _come_far(host, database, running, gate):
    """Return when this call is held at the gate, has ended, waits for a lock, or asks for one again and again."""
    sent = len(host.trace().of(STATEMENT))
    while not (gate.glance(running, GLANCE) or running.done or database.value(LOCK_WAITS)):
        if len(host.trace().of(STATEMENT)) > sent + MOST_TURNS:
            return


def _why_refused(outcome, trace):
    """Name the mistake behind an error that another call of the same function has caused."""
    if outcome.error is None:
        return None
    sent = [event.text for event in trace.of(STATEMENT)]
    if "deadlock" in outcome.error.text and any(re.search("FOR (KEY )?SHARE", text) for text in sent):
        return "SHARED_LOCK"
    return "LIBRARY_ERROR" if outcome.error.cls.startswith("sqlalchemy.") else None


def _take_and_give(turn, other):
    """Withdraw and pay in again: the balance is what it was, the version is not."""
    if other.take(20):
        other.give(20)


def _conflicts(race):
    """Expect Conflict where the other process wrote at once, between a read of the call and its first UPDATE."""
    place = race.other.active[0][0]
    before, held = race.turns[: place - 1], race.turns[place - 1]
    due = _writes(held) and any(map(_reads, before)) and not any(map(_writes, before))
    at_once = all(done for _, done in race.other.active)
    _claim(
        race,
        not (due and at_once) or race.outcome.raised("Conflict"),
        f"{race}, though the row had changed since it was read",
        f"{race.outcome.told} raises Conflict",
        _why_no_conflict,
    )


def _why_no_conflict(race):
    """Name the mistake by which the call did not notice a change."""
    if race.outcome.error is not None:
        return _why(race)
    trace = race.host.trace(request=race.outcome.request)
    return _why_not_compared([event.text for event in trace.of(STATEMENT)])


def _closed(host, database, outcome):
    """Expect that this call has left no session open and no connection out."""
    trace = host.trace(request=outcome.request)
    own = trace.until(trace.last("call done"))
    left = [f"session {event.session} is still open" for event in own.unclosed()]
    left += ["a connection is still out"] * bool(own.out())
    expect(
        not left,
        observed=f"{outcome}, and {' and '.join(left)}",
        expected="every session is closed, and every connection back, when the call ends",
        mistake="LEFT_OPEN",
        trace=own,
    )


def _by_chance(racer, chance, seed):
    """Run a race that chance has chosen: the function, the amounts, and when the other process writes and commits."""
    name, start, amount = chance.choice(FUNCTIONS), chance.choice((50, 100, 200)), chance.randint(1, 80)
    eager, patient = chance.random(), chance.random() / 2
    in_two = (
        racer.database.kind == "postgresql"
    )  # on SQLite nobody writes beside a transaction that has written

    def act(turn, other):
        if other.waits:
            return
        if other.open and chance.random() < 0.5:
            other.commit()
        if not other.open and chance.random() < eager:
            other.take(chance.randint(1, 80), commit=not in_two or chance.random() > patient)

    return racer.run(name, start, amount, act, seed)
