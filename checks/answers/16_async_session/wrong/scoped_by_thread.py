"""A scoped session is one for each request: that is what the registry is for.

fails: own_session
mistake: SHARED_SESSION
"""

import threading

from sqlalchemy.ext.asyncio import async_scoped_session


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    session = request.app.state.sessions()
    try:
        yield session
        await session.commit()
    except BaseException:
        await session.rollback()
        raise
    finally:
        await request.app.state.sessions.remove()


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
            maker = async_sessionmaker(engine, expire_on_commit=False)
            # wrong: all requests run in the event loop's one thread
            app.state.sessions = async_scoped_session(maker, scopefunc=threading.get_ident)
            yield
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
