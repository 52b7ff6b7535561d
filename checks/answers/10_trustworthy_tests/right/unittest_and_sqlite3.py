"""Without pytest's fixtures, and without SQLAlchemy: unittest's setUp and cleanups, and Python's own sqlite3
as the witness.

whole: yes
"""

import sqlite3
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from bank import create_app
from fastapi.testclient import TestClient


class BankTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        app = create_app(f"sqlite:///{self.folder / 'bank.db'}")
        self.client = self.enterContext(TestClient(app))

    def sql(self, statement, *parameters):
        with closing(sqlite3.connect(self.folder / "bank.db")) as connection, connection:
            return connection.execute(statement, parameters).fetchall()

    def given(self, **balances):
        for owner, balance in balances.items():
            self.sql("INSERT INTO accounts (owner, balance) VALUES (?, ?)", owner, balance)

    def holds(self, **balances):
        self.assertEqual(dict(self.sql("SELECT owner, balance FROM accounts")), balances)

    def transfers(self, source, target, amount, status):
        body = {"source_id": source, "target_id": target, "amount": amount}
        self.assertEqual(self.client.post("/transfers", json=body).status_code, status)


class Accounts(BankTest):
    def test_opened(self):
        answer = self.client.post("/accounts", json={"owner": "cem", "balance": 500})
        self.assertEqual(answer.status_code, 201)
        self.holds(cem=500)

    def test_one_for_each_owner(self):
        self.given(ann=100)
        self.assertEqual(self.client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code, 409)

    def test_unknown(self):
        self.assertEqual(self.client.get("/accounts/1").status_code, 404)


class Transfers(BankTest):
    def setUp(self):
        super().setUp()
        self.given(ann=100, bob=20)

    def test_moves_the_amount(self):
        self.transfers(1, 2, 30, status=201)
        self.holds(ann=70, bob=50)

    def test_no_more_than_there_is(self):
        self.transfers(1, 2, 101, status=409)
        self.holds(ann=100, bob=20)

    def test_at_least_1(self):
        for amount in (0, -1):
            with self.subTest(amount=amount):
                self.transfers(1, 2, amount, status=422)
        self.holds(ann=100, bob=20)

    def test_to_nobody(self):
        self.transfers(1, 3, 30, status=404)
        self.holds(ann=100, bob=20)
