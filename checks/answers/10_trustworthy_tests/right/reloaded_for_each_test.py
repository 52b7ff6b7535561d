"""The app is the one that customers use, and the environment names another database before it is made: the
module is loaded anew for each test.

whole: yes
"""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import bank as bank_module
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, whose app works on this test's database."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bank.db'}")
    return importlib.reload(bank_module)


@pytest.fixture
def client(bank: ModuleType) -> Iterator[TestClient]:
    """A client of the bank."""
    with TestClient(bank.app) as client:
        yield client


@pytest.fixture
def session(bank: ModuleType, client: TestClient, tmp_path: Path) -> Iterator[Session]:
    """The test's own session, on an engine of its own."""
    engine = create_engine(f"sqlite:///{tmp_path / 'bank.db'}")
    with Session(engine) as session:
        session.add_all([bank.Account(owner="ann", balance=100), bank.Account(owner="bob", balance=20)])
        session.commit()
        yield session
    engine.dispose()


def balances(bank: ModuleType, session: Session) -> dict[str, int]:
    """What is stored now, by owner."""
    rows = session.execute(select(bank.Account.owner, bank.Account.balance))
    return {owner: balance for owner, balance in rows}


def test_an_account_is_opened(bank: ModuleType, client: TestClient, session: Session) -> None:
    assert client.post("/accounts", json={"owner": "cem", "balance": 500}).status_code == 201
    assert balances(bank, session) == {"ann": 100, "bob": 20, "cem": 500}


def test_an_owner_has_one_account(client: TestClient, session: Session) -> None:
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409


def test_an_account_that_is_not_there_is_not_found(client: TestClient, session: Session) -> None:
    assert client.get("/accounts/3").status_code == 404


@pytest.mark.parametrize(
    ("target", "amount", "status", "ann", "bob"),
    [
        (2, 30, 201, 70, 50),
        (2, 101, 409, 100, 20),
        (2, 0, 422, 100, 20),
        (2, -1, 422, 100, 20),
        (3, 30, 404, 100, 20),
    ],
)
def test_a_transfer_is_made_or_refused(bank, client, session, target, amount, status, ann, bob) -> None:
    answer = client.post("/transfers", json={"source_id": 1, "target_id": target, "amount": amount})
    assert answer.status_code == status
    assert balances(bank, session) == {"ann": ann, "bob": bob}
