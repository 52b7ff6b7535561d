"""Lesson 10's bank keeps each sentence of its contract, and each mutant breaks exactly the one that it names.

Every sentence has a probe, which sets up its rows and looks at them through a connection of its own.
"""

import ast
import importlib.util
import re
import sqlite3
import sys
import types
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from sessionlab.course.lesson import find_lesson
from sessionlab.course.mutants import mutants
from sessionlab.course.root import find_course
from sessionlab.grader.judge.temporary_folders import run_folder

LESSON = find_lesson(find_course(Path(__file__).parent), "10_trustworthy_tests")
MUTANTS = mutants(LESSON)
BANK = (LESSON.folder / "bank.py").read_text()


class Bank:
    """A bank in operation, and its database as another program sees it."""

    def __init__(self, client, path):
        self.client = client
        self._path = path

    def rows(self, sql, *parameters):
        with closing(sqlite3.connect(self._path)) as connection, connection:
            return connection.execute(sql, parameters).fetchall()

    def accounts(self, **balances):
        """Store accounts with these owners and balances; their ids are 1, 2, ..."""
        for owner, balance in balances.items():
            self.rows("INSERT INTO accounts (owner, balance) VALUES (?, ?)", owner, balance)

    def balances(self):
        return dict(self.rows("SELECT owner, balance FROM accounts"))

    def open(self, owner, balance):
        return self.client.post("/accounts", json={"owner": owner, "balance": balance})

    def transfer(self, source, target, amount):
        body = {"source_id": source, "target_id": target, "amount": amount}
        return self.client.post("/transfers", json=body)


@pytest.fixture
def folder():
    """A folder in memory, where the system has that: each probe makes a database file."""
    with run_folder() as made:
        yield made


@pytest.fixture
def run(folder, monkeypatch):
    """Run a probe on a bank of this source, with a database of its own."""

    def running(source, probe):
        path = folder / f"{len(list(folder.iterdir()))}.db"
        module = types.ModuleType("bank")
        monkeypatch.setitem(sys.modules, "bank", module)
        exec(compile(source, "bank.py", "exec"), module.__dict__)
        app = module.create_app(f"sqlite:///{path}")
        with TestClient(app, raise_server_exceptions=False) as client:
            return probe(Bank(client, path))

    return running


def opened(bank):
    made = bank.open("ann", 500)
    account = made.json()
    return made.status_code == 201 and account == {"id": account["id"], "owner": "ann", "balance": 500}


def stored(bank):
    number = bank.open("ann", 500).json()["id"]
    return bank.rows("SELECT id, owner, balance FROM accounts") == [(number, "ann", 500)]


def one_each(bank):
    bank.accounts(ann=500)
    return bank.open("ann", 1).status_code == 409 and bank.balances() == {"ann": 500}


def sound_account(bank):
    return {bank.open("", 1).status_code, bank.open("ann", -1).status_code} == {422}


def read(bank):
    bank.accounts(ann=500)
    found = bank.client.get("/accounts/1")
    return found.status_code == 200 and found.json() == {"id": 1, "owner": "ann", "balance": 500}


def unknown(bank):
    return bank.client.get("/accounts/1").status_code == 404


def transferred(bank):
    bank.accounts(ann=100, bob=0)
    made = bank.transfer(1, 2, 30)
    body = {"id": made.json()["id"], "source_id": 1, "target_id": 2, "amount": 30}
    return made.status_code == 201 and made.json() == body


def debited(bank):
    bank.accounts(ann=100, bob=0)
    bank.transfer(1, 2, 30)
    return bank.balances()["ann"] == 70


def credited(bank):
    bank.accounts(ann=100, bob=0)
    bank.transfer(1, 2, 30)
    return bank.balances()["bob"] == 30


def sound_amount(bank):
    bank.accounts(ann=100, bob=100)
    return {bank.transfer(1, 2, amount).status_code for amount in (0, -1, -30)} == {422}


def covered(bank):
    bank.accounts(ann=100, bob=0)
    return bank.transfer(1, 2, 101).status_code == 409 and bank.transfer(1, 2, 100).status_code == 201


def known(bank):
    bank.accounts(ann=100)
    return {bank.transfer(1, 2, 30).status_code, bank.transfer(2, 1, 30).status_code} == {404}


def unchanged(bank):
    bank.accounts(ann=100, bob=100)
    for body in ((1, 3, 30), (3, 1, 30), (1, 2, 101), (1, 2, 0), (1, 2, -1)):
        before = bank.balances()
        if bank.transfer(*body).status_code >= 400 and bank.balances() != before:
            return False
    return True


PROBES = {
    1: opened,
    2: stored,
    3: one_each,
    4: sound_account,
    5: read,
    6: unknown,
    7: transferred,
    8: debited,
    9: credited,
    10: sound_amount,
    11: covered,
    12: known,
    13: unchanged,
}


def test_each_sentence_of_the_contract_has_a_probe():
    """What no probe looks at could be broken unseen."""
    sentences = re.findall(r"^(\d+)\. ", ast.get_docstring(ast.parse(BANK)), re.MULTILINE)
    assert [int(number) for number in sentences] == list(PROBES)


@pytest.mark.parametrize("number", PROBES)
def test_the_good_bank_keeps_each_sentence(run, number):
    """The app that learners test does what it promises."""
    assert run(BANK, PROBES[number])


@pytest.mark.parametrize("number", PROBES)
def test_the_bank_that_is_written_differently_keeps_each_sentence(run, number):
    """Tests that fail on it watch how a bank works, and not what it promises."""
    spec = importlib.util.spec_from_file_location("suite", LESSON.suite)
    suite = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(suite)
    assert run(suite._rewritten(BANK), PROBES[number])


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_breaks_exactly_the_sentence_that_it_names(run, mutant):
    """A test that watches one sentence can't meet a mutant by way of another."""
    broken = [number for number, probe in PROBES.items() if not run(mutant.source, probe)]
    assert broken == [mutant.breaks]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_no_mutant_lies_in_get_db(mutant):
    """Whoever overrides get_db, as the documentation has it, meets every mutant all the same."""
    bodies = [
        ast.dump(next(node for node in ast.parse(source).body if getattr(node, "name", "") == "get_db"))
        for source in (BANK, mutant.source)
    ]
    assert bodies[0] == bodies[1]


def test_there_are_eight_mutants_which_break_eight_sentences():
    """Each mutant is a check of its own."""
    assert len({mutant.breaks for mutant in MUTANTS}) == len(MUTANTS) == 8
