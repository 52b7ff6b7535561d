"""A call is held before each statement, another process writes in between, and the columns tell who saw what."""

import signal
import threading
from contextlib import closing

import psutil
import psycopg
import pytest
from postgres_runs import temp_folder
from small_course import SLUG, lay

from sessionlab.cli.report import is_fault, summary
from sessionlab.course.errors import WrongUse
from sessionlab.databases.postgres import VARIABLE, availability, lease
from sessionlab.databases.postgres.url import for_libpq
from sessionlab.grader.feedback import told
from sessionlab.grader.front_end import Front, JudgeBroken
from sessionlab.grader.seeds import Seeds
from sessionlab.grader.verdict_document import Verdict

HERE = availability()
needs_postgres = pytest.mark.skipif(not HERE.usable, reason=f"needs PostgreSQL: {HERE}")
POSTGRES = pytest.param("postgresql", marks=needs_postgres)
BOTH = ["sqlite", POSTGRES]

SUBMISSION = '''
from sqlalchemy import text


def make(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER)"))
        connection.execute(text("INSERT INTO accounts VALUES (1, 100)"))


def take(engine, amount):
    """Read, compute, write: what another process writes in between is lost."""
    with engine.begin() as connection:
        balance = connection.scalar(text("SELECT balance FROM accounts WHERE id = 1"))
        write = text("UPDATE accounts SET balance = :balance WHERE id = 1")
        connection.execute(write, {"balance": balance - amount})
    return balance - amount


def take_after(engine, amount):
    """The UPDATE comes first, and what comes second has to wait for its end."""
    with engine.begin() as connection:
        take = text("UPDATE accounts SET balance = balance - :amount WHERE id = 1")
        connection.execute(take, {"amount": amount})
        return connection.scalar(text("SELECT balance FROM accounts WHERE id = 1"))


kept = []


def keep(engine):
    connection = engine.connect()
    connection.execute(text("UPDATE accounts SET balance = 0 WHERE id = 1"))
    kept.append(connection)
'''

HEAD = """
from sessionlab.verdict import Mistake, expect, needs, on

TAKE = "UPDATE accounts SET balance = balance - ? WHERE id = 1"


def bank(host, database):
    engine, _ = host.engine(database.url)
    host.call("make", engine).value
    return engine


def no(pair):
    expect(False, observed="as it came", expected="nothing", steps=pair.steps)


"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = lay(tmp_path_factory.mktemp("course"))
    page = course / "lessons" / SLUG / "README.md"
    page.write_text(page.read_text().replace("database: sqlite", "database: [sqlite, postgresql]"))
    (course / "exercise.py").write_text(SUBMISSION)
    return course


@pytest.fixture
def grade(course):
    """Grade the submission by a suite of this source on a database."""

    def grading(suite: str, database: str) -> Verdict:
        (course / "checks" / f"test_{SLUG}.py").write_text(HEAD + suite)
        with Front(course) as front:
            return front.grade(SLUG, course / "exercise.py", database)

    return grading


def drawn(verdict: Verdict) -> list[tuple[str, ...]]:
    """Return the cells of the columns in which the last check is told, from below the heading on."""
    (*_, check) = verdict.checks
    assert check.steps, (check.state, check.observed, check.detail)
    lines = [line for part, line in told(check, width=90) if part == "trace"]
    return [tuple(cell.strip() for cell in line.split("│")) for line in lines[3:]]


@pytest.mark.parametrize("database", BOTH)
def test_a_lost_update_reads_at_a_glance(grade, database):
    """Another process writes between a read and a write: two columns, a row a step, what each saw below it.

    BEGIN stands where it is sent: on PostgreSQL before the first statement, on SQLite before the first that writes.
    """
    reads, writes = ([], [("BEGIN", "")]) if database == "sqlite" else ([("BEGIN", "")], [])
    verdict = grade(
        """
def test_one(host, database, interleave):
    with interleave("take", bank(host, database), 80) as pair:
        for turn in pair.turns():
            if turn.number == 2:
                pair.write(TAKE, 30)
    no(pair)
""",
        database,
    )
    assert drawn(verdict) == [
        *_numbered(1, *reads, ("SELECT balance FROM accounts WHERE id =", ""), ("1", ""), ("→ 100", "")),
        ("2", "UPDATE accounts SET balance = balance -"),
        ("", "30 WHERE id = 1"),
        ("", "COMMIT"),
        ("", "→ 1 row changed"),
        *_numbered(
            3,
            *writes,
            ("UPDATE accounts SET balance = 20 WHERE", ""),
            ("id = 1", ""),
            ("→ 1 row changed", ""),
        ),
        ("4  COMMIT", ""),
        ("5  returns 20", ""),
    ]


def _numbered(number: int, first: tuple[str, str], *rows: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the rows of a step of the left column, as `drawn` returns them."""
    return [(f"{number}  {first[0]}", first[1]), *rows]


@pytest.mark.parametrize("database", BOTH)
def test_who_comes_second_waits_for_the_end_of_the_first(grade, database):
    """The other process's write waits from the call's UPDATE to its COMMIT, and then goes on."""
    verdict = grade(
        """
def test_one(host, database, interleave):
    with interleave("take_after", bank(host, database), 80) as pair:
        seen = [(turn.number, turn.text[:6], turn.number == 2 and pair.write(TAKE, 10)) for turn in pair.turns()]
    expect(
        (seen, pair.outcome.result) == ([(1, "UPDATE", False), (2, "SELECT", False), (3, "", False)], 20),
        observed=f"{seen}, {pair.outcome}", expected="the other one waits",
    )
    left = database.value("SELECT balance FROM accounts")
    expect(left == 10, observed=f"{left} are left", expected="10")
""",
        database,
    )
    assert verdict.state == "passed", verdict.first_failure
    steps = [
        (step["actor"], step["text"].split()[0], step["saw"], step["blocked"])
        for step in verdict.checks[-1].steps
    ]
    assert steps == [
        ("take_after(80)", "BEGIN", "1 row changed", False),
        ("another process", "UPDATE", "", True),
        ("take_after(80)", "SELECT", "20", False),
        ("take_after(80)", "COMMIT", "", False),
        ("another process", "(goes", "1 row changed", False),
        ("take_after(80)", "returns", "", False),
    ]


@needs_postgres
def test_a_call_that_waits_is_seen_by_the_server_s_own_word(grade):
    """The call waits for the other process's transaction: that is a turn of its own, at which the other can commit."""
    verdict = grade(
        """
def test_one(host, database, interleave):
    seen = []
    with interleave("take_after", bank(host, database), 80) as pair:
        for turn in pair.turns():
            seen.append((turn.number, turn.waits))
            if turn.waits:
                pair.commit()
            elif turn.number == 1:
                pair.write(TAKE, 10, commit=False)
    expect(
        seen == [(1, False), (1, True), (2, False), (3, False)] and pair.outcome.result == 10,
        observed=f"{seen}, {pair.outcome}", expected="the call waits once",
    )
""",
        "postgresql",
    )
    assert verdict.state == "passed", verdict.first_failure
    steps = [(step["text"].split()[0], step["saw"], step["blocked"]) for step in verdict.checks[-1].steps]
    assert steps[:5] == [
        ("UPDATE", "1 row changed", False),
        ("BEGIN", "", True),
        ("COMMIT", "", False),
        ("(goes", "1 row changed", False),
        ("SELECT", "10", False),
    ]


@needs_postgres
def test_what_the_other_process_began_is_committed_at_the_end(grade):
    """A check that forgets to commit leaves nobody waiting."""
    verdict = grade(
        """
def test_one(host, database, interleave):
    with interleave("take_after", bank(host, database), 80) as pair:
        for turn in pair.turns():
            if turn.number == 1 and not pair.open:
                pair.write(TAKE, 10, commit=False)
            if turn.waits:
                break
    left = database.value("SELECT balance FROM accounts")
    expect(left == 10, observed=f"{left} are left", expected="10")
""",
        "postgresql",
    )
    assert verdict.state == "passed", verdict.first_failure


@pytest.mark.parametrize("database", BOTH)
def test_a_lock_that_outlives_its_call_is_a_verdict(grade, database):
    """The other process waits for a call that has ended: the submission's fault, never the grader's."""
    verdict = grade(
        """
def test_one(host, database, interleave):
    engine = bank(host, database)
    host.call("keep", engine).value
    with interleave("make", engine) as pair:
        for turn in pair.turns():
            pair.waiting or pair.write(TAKE, 10)
""",
        database,
    )
    check = verdict.checks[-1]
    assert (check.state, check.mistake["code"]) == ("failed", "LOCK_KEPT"), check


@pytest.mark.parametrize("database", BOTH)
def test_hundreds_of_interleavings_come_the_same_each_time(grade, database):
    """What is chosen by seed does not depend on how fast anybody is."""
    suite = """
def test_one(host, database, interleave, seeds):
    engine, told = bank(host, database), []
    for seed, chance in seeds(100):
        with interleave("take_after", engine, chance.randint(1, 9)) as pair:
            for turn in pair.turns():
                if turn.waits or pair.open and not pair.waiting:
                    pair.commit()
                elif not pair.waiting and chance.random() < 0.5:
                    pair.write(TAKE, chance.randint(1, 9), commit=chance.random() < 0.5 or database.kind == "sqlite")
        told.append((pair.outcome.result, str(pair.ran)))
    expect(False, observed=repr(told), expected="nothing")
"""
    first, second = (grade(suite, database).checks[-1] for _ in range(2))
    assert (first.state, first.observed) == ("failed", second.observed)


# --- a check for one database, and a database that is not to be had


TWO = """
@on("postgresql")
def test_there(host):
    '''There.'''
    expect(False, observed="a", expected="b")


@needs("there")
def test_everywhere(host, database):
    '''Everywhere.'''
    expect(database.kind in host_url(host, database), observed=database.url, expected=database.kind)


def host_url(host, database):
    return str(host.engine(database.url)) and database.url
"""


@pytest.mark.parametrize(
    ("database", "states"),
    [
        ("sqlite", {"load": "passed", "everywhere": "passed"}),
        pytest.param(
            "postgresql", {"load": "passed", "there": "failed", "everywhere": "skipped"}, marks=needs_postgres
        ),
    ],
)
def test_a_check_for_one_database_is_not_expected_on_another(grade, database, states):
    """Where it does not hold, a lesson is passed without it."""
    verdict = grade(TWO, database)
    assert {check.id: check.state for check in verdict.checks} == states
    assert verdict.expected == list(states)
    assert verdict.state == ("passed" if database == "sqlite" else "failed")


@needs_postgres
def test_one_judge_serves_both_databases(course):
    """A judge that stays expects of each database what is its own."""
    (course / "checks" / f"test_{SLUG}.py").write_text(HEAD + TWO)
    with Front(course, stay=True) as front:
        verdicts = [
            front.grade(SLUG, course / "exercise.py", name) for name in ("sqlite", "postgresql", "sqlite")
        ]
    assert [(verdict.database, len(verdict.expected)) for verdict in verdicts] == [
        ("sqlite", 2),
        ("postgresql", 3),
        ("sqlite", 2),
    ]


def test_a_database_that_is_not_to_be_had_is_told_with_what_to_do(course, monkeypatch):
    """Nothing is graded, nobody is at fault, and the judge goes on to serve."""
    monkeypatch.setenv(VARIABLE, "postgresql://nobody:secret@127.0.0.1:1/none")
    (course / "checks" / f"test_{SLUG}.py").write_text(HEAD + TWO)
    with Front(course, stay=True) as front:
        with pytest.raises(WrongUse) as caught:
            front.grade(SLUG, course / "exercise.py", "postgresql")
        assert front.grade(SLUG, course / "exercise.py", "sqlite").state == "passed"
    assert f"The server that {VARIABLE} names does not answer" in caught.value.fact
    assert "unset" in caught.value.hint
    assert "secret" not in str(caught.value)


@needs_postgres
def test_a_judge_that_is_killed_leaves_no_database(course):
    """Whoever leases the server next drops what the killed one had made."""
    (course / "checks" / f"test_{SLUG}.py").write_text(
        HEAD + "def test_one(host, database):\n    host.call('wait')\n"
    )
    (course / "waiting.py").write_text("import threading\n\n\ndef wait():\n    threading.Event().wait()\n")
    loaded = threading.Event()
    front = Front(course)
    with lease() as server, closing(psycopg.connect(for_libpq(server.url), autocommit=True)) as connection:
        before = _databases(connection)

        def grade() -> None:
            with pytest.raises(JudgeBroken):
                front.grade(SLUG, course / "waiting.py", "postgresql", lambda name, state: loaded.set())

        graded = threading.Thread(target=grade)
        graded.start()
        assert loaded.wait(20)
        made = _databases(connection) - before
        assert made
        psutil.Process(front._judge.process.pid).send_signal(signal.SIGKILL)
        graded.join(20)
        front.close()
        with lease():
            assert not made & _databases(connection)


def _databases(connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


@needs_postgres
def test_a_server_that_is_killed_in_mid_check_is_nobodys_mistake(grade):
    """The submission's call fails, and neither it nor the suite is blamed; it is told, and what to do."""
    with temp_folder() as folder:
        verdict = grade(
            f"""
import os
import signal
from pathlib import Path


def test_one(host, database):
    engine = bank(host, database)
    (pid_file,) = Path({str(folder)!r}).glob("sessionlab-*-pg*/data/postmaster.pid")
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    host.call("take", engine, 80).value
""",
            "postgresql",
        )
    check = verdict.checks[-1]
    assert (check.state, check.because, check.mistake) == ("broken", "database", None)
    assert "went away" in check.observed
    assert check.detail.startswith("hint: run this again")
    assert not is_fault(verdict)
    assert summary(verdict).startswith("not passed")


# --- seeds


def test_a_seed_is_always_the_same_chance():
    """Seeds are 1, 2, 3, …, each with its own numbers, the same in every run."""
    first, second = ([(seed, chance.random()) for seed, chance in Seeds()(5)] for _ in range(2))
    assert first == second
    assert [seed for seed, _ in first] == [1, 2, 3, 4, 5]
    assert len({number for _, number in first}) == 5


def test_the_seed_that_is_asked_for_comes_first_and_the_others_after_it(course, monkeypatch):
    """A verdict on one seed is no verdict on the exercise: the others are judged all the same."""
    suite = "def test_one(seeds):\n    told = [seed for seed, _ in seeds(3)]\n"
    suite += "    expect(False, observed=str(told), expected=seeds.again(told[0]))\n"
    (course / "checks" / f"test_{SLUG}.py").write_text(HEAD + suite)
    with Front(course, stay=True) as front:
        told = []
        for asked in ("", "77"):
            monkeypatch.setenv("SESSIONLAB_SEED", asked)
            check = front.grade(SLUG, course / "exercise.py", "sqlite").checks[-1]
            told.append((check.observed, check.expected))
        monkeypatch.setenv("SESSIONLAB_SEED", "seven")
        with pytest.raises(WrongUse, match="'seven', which is no seed"):
            front.grade(SLUG, course / "exercise.py", "sqlite")
    assert told == [
        ("[1, 2, 3]", "seed 1; SESSIONLAB_SEED=1 runs it first"),
        ("[77, 1, 2, 3]", "seed 77; SESSIONLAB_SEED=77 runs it first"),
    ]
