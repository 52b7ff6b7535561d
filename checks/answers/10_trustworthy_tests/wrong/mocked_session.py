"""A unit test touches no database. A mock in the session's place says what the app did with it.

fails: good_app_passes
mistake: KNOWS_INSIDE
whole: yes
"""

from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest
from bank import Account, app, get_db
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError


@pytest.fixture
def db() -> MagicMock:
    """A session that knows two accounts, and gives what is added the id 3."""
    stored = {1: Account(id=1, owner="ann", balance=100), 2: Account(id=2, owner="bob", balance=20)}
    db = MagicMock()
    db.get.side_effect = lambda model, number: stored.get(number)  # wrong: there are other ways to read a row
    db.add.side_effect = lambda added: setattr(added, "id", 3)
    return db


@pytest.fixture
def client(db: MagicMock) -> Iterator[TestClient]:
    """A client of the bank, which works on the mock."""
    app.dependency_overrides[get_db] = lambda: db
    yield TestClient(app)
    app.dependency_overrides.clear()


def balances(db: MagicMock) -> list[Any]:
    """What Ann's and Bob's accounts hold."""
    return [db.get(Account, number).balance for number in (1, 2)]


def transfer(client: TestClient, source: int, target: int, amount: int) -> int:
    """Ask for a transfer and return the status of the answer."""
    body = {"source_id": source, "target_id": target, "amount": amount}
    return client.post("/transfers", json=body).status_code


def test_a_new_account_is_committed(client: TestClient, db: MagicMock) -> None:
    answer = client.post("/accounts", json={"owner": "cem", "balance": 500})
    assert (answer.status_code, answer.json()) == (201, {"id": 3, "owner": "cem", "balance": 500})
    db.commit.assert_called_once()


def test_an_owner_has_one_account(client: TestClient, db: MagicMock) -> None:
    db.commit.side_effect = IntegrityError("INSERT INTO accounts", {}, Exception("UNIQUE constraint failed"))
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409


def test_an_account_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/accounts/4").status_code == 404


def test_a_transfer_moves_the_amount(client: TestClient, db: MagicMock) -> None:
    assert transfer(client, 1, 2, 100) == 201
    assert balances(db) == [0, 120]
    db.commit.assert_called_once()


@pytest.mark.parametrize(
    ("source", "target", "amount", "status"),
    [(1, 2, 101, 409), (1, 2, 0, 422), (1, 2, -1, 422), (1, 4, 30, 404), (4, 1, 30, 404)],
)
def test_what_is_refused_is_not_committed(
    client: TestClient, db: MagicMock, source: int, target: int, amount: int, status: int
) -> None:
    assert transfer(client, source, target, amount) == status
    db.commit.assert_not_called()
