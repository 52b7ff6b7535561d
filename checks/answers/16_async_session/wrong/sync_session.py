"""With `async def` in front the endpoint is async, and so is what it calls.

fails: statements_off_the_loop, health_while_waiting, override_honoured, engine_lifecycle
mistake: SYNC_IN_ASYNC
"""

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker


async def get_async_db(request: Request) -> AsyncIterator[Session]:
    """Yield this request's session, and close it whatever happens."""
    with request.app.state.sessions.begin() as session:  # wrong: a plain Session works in the caller's thread
        yield session


Db = Annotated[Session, Depends(get_async_db, scope="function")]


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    db.flush()
    db.add(Audit(who=user, account_id=account.id))
    try:
        await run_in_threadpool(screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)  # a plain function: Starlette calls it in a worker thread
    return account


@router.get("/accounts/{account_id}", response_model=AccountOut)
async def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    account = db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account


def create_app(url: str) -> FastAPI:
    """Return the app on the database of this URL, which names an async driver."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # wrong: a plain engine, in the lifespan's `async def`
        engine = create_engine(url.replace("+aiosqlite", ""))
        try:
            enforce_foreign_keys(engine)
            Base.metadata.create_all(engine)
            app.state.sessions = sessionmaker(engine)
            yield
        finally:
            engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(IntegrityError, answer_conflict)
    return app
