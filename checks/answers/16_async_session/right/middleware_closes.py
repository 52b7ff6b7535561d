"""Unlike the solution: a middleware closes what the dependency has made, and the endpoint commits."""

from starlette.types import ASGIApp, Receive, Scope, Send


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    session: AsyncSession = request.app.state.sessions()
    request.state.sessions.append(session)
    yield session


class Closing:
    """A middleware of plain ASGI: it closes the sessions of a request when the response is through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sessions: list[AsyncSession] = []
        scope["state"] = {**scope.get("state", {}), "sessions": sessions}
        try:
            await self.app(scope, receive, send)
        finally:
            for session in sessions:
                await session.close()


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    await db.flush()
    db.add(Audit(who=user, account_id=account.id))
    try:
        await run_in_threadpool(screen, account.owner)
        await db.commit()
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    except IntegrityError:
        await db.rollback()
        raise
    tasks.add_task(mailer, account.id)
    return account


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(url)
        try:
            enforce_foreign_keys(engine.sync_engine)
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
            yield
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_middleware(Closing)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
