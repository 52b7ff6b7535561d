"""For one SELECT a connection is enough, and what nobody uses any more closes itself.

fails: sessions_closed, override_honoured
mistake: LEFT_OUT
"""

from sqlalchemy import Row, select


@router.get("/accounts/{account_id}", response_model=AccountOut)
async def read_account(account_id: AccountId, db: Db, request: Request) -> Row:
    """The account with this id; 404 where there is none."""
    connection = await request.app.state.engine.connect()  # wrong: nobody closes it
    account = (await connection.execute(select(Account.id, Account.owner).filter_by(id=account_id))).first()
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account


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
            app.state.engine = engine
            app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
            yield
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
