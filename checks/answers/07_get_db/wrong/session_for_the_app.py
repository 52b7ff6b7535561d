"""Requests have their sessions, and the app has one too, to see at start-up that the database is there.

fails: none_at_import, none_left_out
mistake: IMPORT_SESSION
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start-up and shutdown: one engine for the whole app, and a sessionmaker where requests can find it."""
    engine = create_engine(os.environ["DATABASE_URL"])
    Base.metadata.create_all(engine)
    app.state.sessions = sessionmaker(engine)
    app.state.session = app.state.sessions()
    app.state.session.execute(select(1))  # wrong: holds a connection until the app shuts down
    yield
    app.state.session.close()
    engine.dispose()
