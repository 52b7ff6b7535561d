"""The app is the one that customers use, with get_db overridden. pytest's monkeypatch takes the override out
again, whatever the test does.
"""

from bank import app, get_db


@pytest.fixture
def client(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A client of the bank on this test's engine; its start-up, which knows another database, never runs."""

    def get_test_db() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    monkeypatch.setitem(app.dependency_overrides, get_db, get_test_db)
    return TestClient(app)
