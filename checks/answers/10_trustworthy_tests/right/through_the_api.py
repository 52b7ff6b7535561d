"""No session at all: a second request is another session of the app, and so another connection's view. What
the API does not show can't be tested like this.

whole: yes
"""

import pytest
from bank import create_app
from fastapi.testclient import TestClient


@pytest.fixture
def bank(tmp_path):
    with TestClient(create_app(f"sqlite:///{tmp_path / 'bank.db'}")) as client:
        yield client


def opened(bank, owner, balance):
    answer = bank.post("/accounts", json={"owner": owner, "balance": balance})
    assert answer.status_code == 201
    return answer.json()["id"]


def balance(bank, number):
    answer = bank.get(f"/accounts/{number}")
    assert answer.status_code == 200
    return answer.json()["balance"]


def transfer(bank, source, target, amount):
    body = {"source_id": source, "target_id": target, "amount": amount}
    return bank.post("/transfers", json=body).status_code


def test_an_account_is_there_after_it_was_opened(bank):
    assert balance(bank, opened(bank, "ann", 100)) == 100


def test_an_owner_has_one_account(bank):
    opened(bank, "ann", 100)
    assert bank.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409


def test_an_account_that_is_not_there_is_not_found(bank):
    assert bank.get("/accounts/1").status_code == 404


@pytest.mark.parametrize(
    ("amount", "status", "left"),
    [(30, 201, 70), (100, 201, 0), (101, 409, 100), (0, 422, 100), (-1, 422, 100)],
)
def test_a_transfer_moves_what_the_source_has(bank, amount, status, left):
    ann, bob = opened(bank, "ann", 100), opened(bank, "bob", 20)
    assert transfer(bank, ann, bob, amount) == status
    assert (balance(bank, ann), balance(bank, bob)) == (left, 120 - left)


def test_nothing_moves_where_an_account_is_missing(bank):
    ann = opened(bank, "ann", 100)
    assert transfer(bank, ann, ann + 1, 30) == 404
    assert balance(bank, ann) == 100
