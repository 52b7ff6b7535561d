"""Unlike the solution: on PostgreSQL the driver is asyncpg, whatever the URL names, and sessions ride on app state.

The exit code of get_async_db answers 409, so there is no handler.

without: answer_conflict
"""

from typing import Any

from sqlalchemy import URL, make_url


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    try:
        async with request.state.sessions() as session, session.begin():
            yield session
    except IntegrityError:
        raise HTTPException(409, "the owner has an account already, or there is no such branch") from None


def with_asyncpg(url: str) -> URL:
    parsed = make_url(url)
    return (
        parsed.set(drivername="postgresql+asyncpg") if parsed.get_backend_name() == "postgresql" else parsed
    )


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        engine = create_async_engine(with_asyncpg(url))
        try:
            enforce_foreign_keys(engine.sync_engine)  # it puts a listener on: those want the engine inside
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            # After a COMMIT attributes keep their values: to load one again would take an await.
            yield {"sessions": async_sessionmaker(engine, expire_on_commit=False)}
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    return app
