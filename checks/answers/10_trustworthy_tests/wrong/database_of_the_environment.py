"""The environment says which database to use, and where tests run it will be a test database.

fails: leaves_no_trace
mistake: REAL_DATABASE
"""

import os


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine on an empty database."""
    engine = create_engine(os.environ["DATABASE_URL"])
    Base.metadata.drop_all(engine)  # wrong: if this is the real one, it is empty now
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
