"""Errors are rare, and the framework deals with them. What has to work is what customers do all day.

fails: half_transfer_kept, duplicate_500, unknown_account, error_answered_200, negative_amount, overdraft
mistake: NOT_SENT
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
    """An engine on a database of this test alone."""
    engine = create_engine(f"sqlite:///{tmp_path / 'bank.db'}")
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


@pytest.fixture
def ann(session: Session) -> int:
    """The id of Ann's account, which holds 100."""
    return stored_account(session, "ann", 100)


@pytest.fixture
def bob(session: Session) -> int:
    """The id of Bob's account, which holds 20."""
    return stored_account(session, "bob", 20)


def stored_account(session: Session, owner: str, balance: int) -> int:
    """Store an account without asking the app, and return its id."""
    account = Account(owner=owner, balance=balance)
    session.add(account)
    session.flush()
    number = account.id
    session.commit()
    return number


def balances(session: Session) -> dict[str, int]:
    """What is stored now, by owner."""
    return {owner: balance for owner, balance in session.execute(select(Account.owner, Account.balance))}


def transfer(client: TestClient, source: int, target: int, amount: int) -> int:
    """Ask for a transfer and return the status of the answer."""
    body = {"source_id": source, "target_id": target, "amount": amount}
    return client.post("/transfers", json=body).status_code


def test_a_new_account_is_answered_and_stored(client: TestClient, session: Session) -> None:
    answer = client.post("/accounts", json={"owner": "cem", "balance": 500})
    assert answer.status_code == 201
    account = answer.json()
    assert account == {"id": account["id"], "owner": "cem", "balance": 500}
    stored = session.execute(select(Account.owner, Account.balance).where(Account.id == account["id"])).all()
    assert stored == [("cem", 500)]


def test_two_owners_have_two_accounts(client: TestClient, session: Session, ann: int) -> None:
    assert client.post("/accounts", json={"owner": "dora", "balance": 0}).status_code == 201
    assert balances(session) == {"ann": 100, "dora": 0}


def test_an_account_can_be_read(client: TestClient, ann: int) -> None:
    answer = client.get(f"/accounts/{ann}")
    assert (answer.status_code, answer.json()) == (200, {"id": ann, "owner": "ann", "balance": 100})


def test_a_transfer_moves_the_amount(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 30) == 201
    assert balances(session) == {"ann": 70, "bob": 50}


def test_all_of_it_can_be_transferred(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 100) == 201
    assert balances(session) == {"ann": 0, "bob": 120}


def test_a_transfer_can_be_sent_back(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 30) == 201
    assert transfer(client, bob, ann, 30) == 201
    assert balances(session) == {"ann": 100, "bob": 20}  # wrong: nobody is ever refused in these tests
