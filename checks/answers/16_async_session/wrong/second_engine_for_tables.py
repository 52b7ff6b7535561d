"""create_all is synchronous, so it needs a synchronous engine.

fails: engine_lifecycle
mistake: TWO_ENGINES
"""

from sqlalchemy import create_engine


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(url)
        try:
            enforce_foreign_keys(engine.sync_engine)  # it puts a listener on: those want the engine inside
            Base.metadata.create_all(
                create_engine(url.replace("+aiosqlite", ""))
            )  # wrong: another engine, another pool
            # After a COMMIT attributes keep their values: to load one again would take an await.
            app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
            yield
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
