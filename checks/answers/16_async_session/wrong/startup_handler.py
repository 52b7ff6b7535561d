"""The lifespan is for the engine; what else the start needs stands in a start-up handler.

fails: answers, own_session, readable_before_response, commit_time_conflict,
    duplicate_conflict, rejected_leaves_nothing, statements_off_the_loop, health_while_waiting,
    slow_calls_off_the_loop, all_awaited, sessions_closed, override_honoured
mistake: NO_TABLES
"""

from sqlalchemy.ext.asyncio import AsyncEngine


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(url)
        try:
            enforce_foreign_keys(engine.sync_engine)
            app.state.engine = engine
            app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
            yield
        finally:
            await engine.dispose()

    async def make_tables() -> None:
        engine: AsyncEngine = app.state.engine
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    app = FastAPI(lifespan=lifespan)
    app.router.on_startup.append(make_tables)  # wrong: where there is a lifespan, nobody calls it
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
