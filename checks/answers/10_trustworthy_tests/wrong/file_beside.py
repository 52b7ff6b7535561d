"""The tests begin by making their database anew, so whatever lies there does no harm.

fails: leaves_no_trace
mistake: FILE_LEFT
"""


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine on an empty database."""
    engine = create_engine("sqlite:///./test.db")  # wrong: beside whatever is there, and it stays
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
