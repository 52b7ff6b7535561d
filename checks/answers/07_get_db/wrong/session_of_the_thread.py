"""A request runs in a thread, so a session for each thread is a session for each request.

fails: own_session
mistake: SHARED_SESSION
"""

from sqlalchemy.orm import scoped_session


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start-up and shutdown: one engine for the whole app, and a sessionmaker where requests can find it."""
    engine = create_engine(os.environ["DATABASE_URL"])
    Base.metadata.create_all(engine)
    app.state.sessions = sessionmaker(engine)
    app.state.registry = scoped_session(app.state.sessions)
    yield
    engine.dispose()


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    registry = request.app.state.registry  # wrong: the thread is free before the response has gone out
    try:
        yield registry
    finally:
        registry.remove()
