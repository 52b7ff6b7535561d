"""An engine is expensive, so there is one for each URL, for good.

fails: engine_lifecycle
mistake: ENGINE_KEPT
"""

from functools import cache

from sqlalchemy.ext.asyncio import AsyncEngine


@cache
def engine_for(url: str) -> AsyncEngine:
    return create_async_engine(url)  # wrong: the next start-up gets the engine that this shutdown disposes


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = engine_for(url)
        try:
            enforce_foreign_keys(engine.sync_engine)  # it puts a listener on: those want the engine inside
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            # After a COMMIT attributes keep their values: to load one again would take an await.
            app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
            yield
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
