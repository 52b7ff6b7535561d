"""On an event loop only one thing happens at a time, so one session will do for everybody.

fails: own_session, sessions_closed
mistake: SHARED_SESSION
"""


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    session = request.app.state.session  # wrong: at each await another request goes on inside it
    try:
        yield session
        await session.commit()
    finally:
        await session.rollback()


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(url)
        try:
            enforce_foreign_keys(engine.sync_engine)  # it puts a listener on: those want the engine inside
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            # After a COMMIT attributes keep their values: to load one again would take an await.
            async with AsyncSession(engine, expire_on_commit=False) as app.state.session:
                yield
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
