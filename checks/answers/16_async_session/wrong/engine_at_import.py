"""An engine is made once, and a module is loaded once: that is where it belongs.

fails: engine_lifecycle
mistake: ENGINE_AT_IMPORT
"""

# wrong: whatever URL create_app gets, the engine has one already
engine = create_async_engine(os.environ["DATABASE_URL"].replace("sqlite:", "sqlite+aiosqlite:"))


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
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
