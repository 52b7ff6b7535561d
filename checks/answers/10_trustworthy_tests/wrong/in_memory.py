"""An in-memory SQLite is the same database, only faster.

fails: good_app_passes, forgotten_commit, half_transfer_kept, duplicate_500, unknown_account,
    error_answered_200, credit_missing, overdraft
mistake: IN_MEMORY
"""

from bank import app, get_db


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine on a database of this test alone."""
    engine = create_engine("sqlite://")  # wrong: each thread gets a database of its own
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """A client of the bank, on this test's engine."""

    def get_test_db() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    app.dependency_overrides[get_db] = get_test_db
    yield TestClient(app)
    app.dependency_overrides.clear()
