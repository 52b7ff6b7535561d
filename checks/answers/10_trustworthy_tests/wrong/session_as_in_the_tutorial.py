"""Test and app have to see the same rows, so they work in the same session. The documentation of SQLModel
shows it like this.

fails: good_app_passes, forgotten_commit, duplicate_500
mistake: SHARED_SESSION
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
def client(session: Session) -> Iterator[TestClient]:
    """A client of the bank, on this test's session."""
    app.dependency_overrides[get_db] = lambda: session  # wrong: what this session has flushed, it sees itself
    yield TestClient(app)
    app.dependency_overrides.clear()
