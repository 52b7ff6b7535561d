"""Making tables is slow, so the tests of a file share one database. In a new one ids start at 1.

fails: good_app_passes
mistake: LEFT_ROWS
"""

from collections.abc import Iterator

import pytest
from bank import Account, Base, create_app
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session


@pytest.fixture(scope="module")  # wrong: what one test stores, the next one finds
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a database of this module."""
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


def stored_account(session: Session, owner: str, balance: int) -> int:
    """Store an account without asking the app, and return its id."""
    account = Account(owner=owner, balance=balance)
    session.add(account)
    session.flush()
    number = account.id
    session.commit()
    return number


def balance(session: Session, number: int) -> int | None:
    """What this account holds now."""
    return session.scalar(select(Account.balance).where(Account.id == number))


def transfer(client: TestClient, source: int, target: int, amount: int) -> int:
    """Ask for a transfer and return the status of the answer."""
    body = {"source_id": source, "target_id": target, "amount": amount}
    return client.post("/transfers", json=body).status_code


def test_the_first_account_is_number_1(client: TestClient, session: Session) -> None:
    answer = client.post("/accounts", json={"owner": "cem", "balance": 500})
    assert (answer.status_code, answer.json()) == (201, {"id": 1, "owner": "cem", "balance": 500})
    assert balance(session, 1) == 500


def test_an_owner_has_one_account(client: TestClient, session: Session) -> None:
    ann = stored_account(session, "ann", 100)
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409
    assert balance(session, ann) == 100


def test_an_account_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/accounts/999").status_code == 404


def test_a_transfer_moves_the_amount(client: TestClient, session: Session) -> None:
    dora, ed = stored_account(session, "dora", 100), stored_account(session, "ed", 20)
    assert transfer(client, dora, ed, 30) == 201
    assert (balance(session, dora), balance(session, ed)) == (70, 50)


@pytest.mark.parametrize(("amount", "status"), [(101, 409), (0, 422), (-1, 422)])
def test_what_is_no_fair_amount_is_refused(
    client: TestClient, session: Session, amount: int, status: int
) -> None:
    fay, gil = stored_account(session, f"fay {amount}", 100), stored_account(session, f"gil {amount}", 20)
    assert transfer(client, fay, gil, amount) == status
    assert (balance(session, fay), balance(session, gil)) == (100, 20)


def test_nothing_moves_where_an_account_is_missing(client: TestClient, session: Session) -> None:
    hal = stored_account(session, "hal", 100)
    assert transfer(client, hal, 999, 30) == 404
    assert balance(session, hal) == 100
