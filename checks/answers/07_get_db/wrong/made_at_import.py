"""Sessions are expensive, so the app makes one and keeps it.

fails: answers, own_session, closed_after_success, closed_after_http_error, closed_after_crash,
    none_at_import, none_left_out
mistake: SHARED_SESSION
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start-up and shutdown: one engine for the whole app, and a sessionmaker where requests can find it."""
    engine = create_engine(os.environ["DATABASE_URL"])
    Base.metadata.create_all(engine)
    session.bind = engine
    yield
    engine.dispose()


session = sessionmaker()()  # wrong: one session for everybody, as long as the process lives


def get_db(request: Request) -> Iterator[Session]:
    """Yield the app's session."""
    yield session
