"""Tests run from top to bottom, so each can go on where the last one ended. That saves a lot of setting up.

fails: good_app_passes
mistake: NEEDS_OTHERS
"""

from collections.abc import Iterator

import pytest
from bank import Account, Base, create_app
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on the database of the story."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.db'}")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """The test's own session."""
    with Session(engine) as session:
        yield session


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """A client of a bank that runs on this test's database."""
    url = engine.url.render_as_string(hide_password=False)
    with TestClient(create_app(url)) as client:
        yield client


def balances(session: Session) -> dict[str, int]:
    """What is stored now, by owner."""
    return {owner: balance for owner, balance in session.execute(select(Account.owner, Account.balance))}


def transfer(client: TestClient, source: int, target: int, amount: int) -> int:
    """Ask for a transfer and return the status of the answer."""
    body = {"source_id": source, "target_id": target, "amount": amount}
    return client.post("/transfers", json=body).status_code


def test_1_ann_and_bob_open_accounts(client: TestClient, session: Session) -> None:
    assert client.post("/accounts", json={"owner": "ann", "balance": 100}).status_code == 201
    assert client.post("/accounts", json={"owner": "bob", "balance": 20}).status_code == 201
    assert balances(session) == {"ann": 100, "bob": 20}


def test_2_ann_wants_another(client: TestClient, session: Session) -> None:
    answer = client.post("/accounts", json={"owner": "ann", "balance": 7})  # wrong: who says she has one?
    assert answer.status_code == 409


def test_3_ann_pays_bob(client: TestClient, session: Session) -> None:
    assert transfer(client, 1, 2, 30) == 201
    assert balances(session) == {"ann": 70, "bob": 50}


def test_4_bob_tries_what_he_may_not(client: TestClient, session: Session) -> None:
    assert transfer(client, 2, 1, 51) == 409
    assert transfer(client, 2, 1, 0) == 422
    assert transfer(client, 2, 1, -1) == 422
    assert balances(session) == {"ann": 70, "bob": 50}


def test_5_nobody_knows_number_3(client: TestClient, session: Session) -> None:
    assert client.get("/accounts/3").status_code == 404
    assert transfer(client, 1, 3, 30) == 404
    assert balances(session) == {"ann": 70, "bob": 50}
