"""Everything happens inside one outer transaction, and a rollback removes it.

fails: good_app_passes, half_transfer_kept, duplicate_500, unknown_account, error_answered_200,
    credit_missing, negative_amount, overdraft
mistake: SAVEPOINT_STAYS
"""

from bank import app, get_db
from sqlalchemy import Connection


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
