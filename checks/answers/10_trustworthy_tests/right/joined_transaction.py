"""Nothing is ever committed: the sessions of test and app work in savepoints inside one outer transaction,
which is rolled back. On SQLite that needs a BEGIN that Python's driver does not send by itself.
"""

from bank import app, get_db
from sqlalchemy import Connection, event


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a database that all tests share, since each leaves it empty."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.db'}")
    event.listen(engine, "connect", leave_begin_to_us)
    event.listen(engine, "begin", begin)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def leave_begin_to_us(connection: object, record: object) -> None:
    """The driver's legacy mode sends BEGIN before an INSERT, but not before a SAVEPOINT."""
    connection.isolation_level = None  # type: ignore[attr-defined]


def begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


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
