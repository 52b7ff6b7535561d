"""Test and app have to see the same rows, so they work in the same session. Where that complains, a rollback
helps.

fails: forgotten_commit
mistake: SHARED_SESSION
"""

from bank import app, get_db


@pytest.fixture
def client(session: Session) -> Iterator[TestClient]:
    """A client of the bank, on this test's session."""
    app.dependency_overrides[get_db] = lambda: session  # wrong: what this session has flushed, it sees itself
    yield TestClient(app)
    app.dependency_overrides.clear()


def test_an_owner_has_one_account(client: TestClient, session: Session, ann: int) -> None:
    assert client.post("/accounts", json={"owner": "ann", "balance": 7}).status_code == 409
    session.rollback()  # PendingRollbackError asked for it
    assert balances(session) == {"ann": 100}
