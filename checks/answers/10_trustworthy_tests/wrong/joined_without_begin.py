"""Everything happens inside one outer transaction, and a rollback removes it.

fails: good_app_passes, half_transfer_kept, duplicate_500, unknown_account, error_answered_200,
    credit_missing, negative_amount, overdraft
mistake: SAVEPOINT_STAYS
"""

from collections.abc import Iterator

import pytest
from bank import Account, Base, app, get_db
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, create_engine, select
from sqlalchemy.orm import Session


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a database that all tests share, since each leaves it empty."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.db'}")  # wrong: no BEGIN
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


def joined(connection: Connection) -> Session:
    """A session whose commits release a savepoint inside the outer transaction."""
    return Session(connection, join_transaction_mode="create_savepoint")


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """The test's own session."""
    with joined(connection) as session:
        yield session


@pytest.fixture
def client(connection: Connection) -> Iterator[TestClient]:
    """A client of the bank, whose sessions join the outer transaction."""

    def get_joined() -> Iterator[Session]:
        with joined(connection) as session:
            yield session

    app.dependency_overrides[get_db] = get_joined
    yield TestClient(app)
    app.dependency_overrides.clear()


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


def test_an_owner_has_one_account(client: TestClient, session: Session, ann: int) -> None:
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409
    assert balances(session) == {"ann": 100}


def test_an_account_can_be_read(client: TestClient, ann: int) -> None:
    answer = client.get(f"/accounts/{ann}")
    assert (answer.status_code, answer.json()) == (200, {"id": ann, "owner": "ann", "balance": 100})


def test_an_account_that_is_not_there_is_not_found(client: TestClient, ann: int) -> None:
    assert client.get(f"/accounts/{ann + 1}").status_code == 404


def test_a_transfer_moves_the_amount(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 30) == 201
    assert balances(session) == {"ann": 70, "bob": 50}


def test_all_of_it_can_be_transferred(client: TestClient, session: Session, ann: int, bob: int) -> None:
    assert transfer(client, ann, bob, 100) == 201
    assert balances(session) == {"ann": 0, "bob": 120}


@pytest.mark.parametrize(("amount", "status"), [(101, 409), (0, 422), (-1, 422)])
def test_what_is_no_fair_amount_is_refused(
    client: TestClient, session: Session, ann: int, bob: int, amount: int, status: int
) -> None:
    assert transfer(client, ann, bob, amount) == status
    assert balances(session) == {"ann": 100, "bob": 20}


def test_nothing_moves_where_an_account_is_missing(client: TestClient, session: Session, ann: int) -> None:
    assert transfer(client, ann, ann + 1, 30) == 404
    assert transfer(client, ann + 1, ann, 30) == 404
    assert balances(session) == {"ann": 100}
