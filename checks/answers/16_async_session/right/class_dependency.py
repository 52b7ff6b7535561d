"""Unlike the solution: the dependency is an instance of a class, which holds the engine and makes the sessions."""

from sqlalchemy.ext.asyncio import AsyncEngine


class Sessions:
    """A dependency: called for a request, it yields that request's session."""

    def __init__(self) -> None:
        self.engine: AsyncEngine | None = None

    async def start(self, url: str) -> None:
        self.engine = create_async_engine(url)
        enforce_foreign_keys(self.engine.sync_engine)
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    async def stop(self) -> None:
        if self.engine is not None:
            await self.engine.dispose()
            self.engine = None

    async def __call__(self) -> AsyncIterator[AsyncSession]:
        session = AsyncSession(self.engine, expire_on_commit=False)
        try:
            yield session
            await session.commit()
        except BaseException:
            await session.rollback()
            raise
        finally:
            await session.close()


get_async_db = Sessions()


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await get_async_db.start(url)
            yield
        finally:
            await get_async_db.stop()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
