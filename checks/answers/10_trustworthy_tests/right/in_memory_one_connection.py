"""In memory, on one connection for all: test and app have sessions of their own, so a missing COMMIT shows,
because closing the app's session rolls it back. What needs two transactions at once can't be tested like
this.
"""

from bank import app, get_db
from sqlalchemy import StaticPool


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine on a database of this test alone."""
    engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
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
