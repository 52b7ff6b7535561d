"""The process ends with the tests, so there is nothing to take back.

fails: leaves_no_trace
mistake: OVERRIDE_LEFT
"""

from bank import app, get_db


@pytest.fixture
def client(engine: Engine) -> TestClient:
    """A client of the bank, on this test's engine."""

    def get_test_db() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    app.dependency_overrides[get_db] = get_test_db  # wrong: who takes it out again?
    return TestClient(app)
