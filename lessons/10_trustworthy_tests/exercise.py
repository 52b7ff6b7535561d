"""Tests of a bank that deserve trust: they pass on the good bank, and fail on each broken one.

Run them by hand, in this folder:

    pytest exercise.py

The bank's contract is in bank.py, that of your tests in the lesson's page. One test is given. The fixtures and
the other tests are yours: add what you need, name it as you like.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bank import Account, Base, create_app
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database of this test alone: the bank's tables are there, and nothing is in them."""
    # TODO: make a new database for each test, and dispose of its engine afterwards
    raise NotImplementedError("make a new database for each test, and dispose of its engine afterwards")


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """The test's own session: it sees what any other program would see, and never what the app has in hand."""
    # TODO: open a session for the test, and close it afterwards
    raise NotImplementedError("open a session for the test, and close it afterwards")


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """A client of a bank that runs on this test's database, from its start-up to its shutdown."""
    # TODO: start a bank on the test's database
    raise NotImplementedError("start a bank on the test's database")


def test_a_new_account_is_answered_and_stored(client: TestClient, session: Session) -> None:
    """Look twice: at the answer, and through a session of your own at what is stored."""
    answer = client.post("/accounts", json={"owner": "cem", "balance": 500})
    assert answer.status_code == 201
    account = answer.json()
    assert account == {"id": account["id"], "owner": "cem", "balance": 500}
    stored = session.execute(select(Account.owner, Account.balance).where(Account.id == account["id"])).all()
    assert stored == [("cem", 500)]


# TODO: test what else bank.py promises: think of what its users would suffer
