"""One database for all tests: making tables is slow on a real server. Each test begins by emptying them, so
that it matters neither what ran before, nor how that ended.
"""

from bank import Transfer
from sqlalchemy import delete


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on the database of all tests."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.db'}")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(tables: Engine) -> Engine:
    """The same, with nothing in its tables."""
    with tables.begin() as connection:
        connection.execute(delete(Transfer))
        connection.execute(delete(Account))
    return tables


@pytest.fixture(scope="session")
def client(tables: Engine) -> Iterator[TestClient]:
    """A client of one bank that all tests share."""
    with TestClient(create_app(tables.url.render_as_string(hide_password=False))) as client:
        yield client
