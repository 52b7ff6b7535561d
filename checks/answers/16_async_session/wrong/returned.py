"""FastAPI has called my dependency, and closes what it got.

fails: sessions_closed
mistake: NO_CLOSE
without: answer_conflict
"""


def get_async_db(request: Request) -> AsyncSession:
    """Return this request's session."""
    return request.app.state.sessions()  # wrong: nobody closes what is returned


Db = Annotated[AsyncSession, Depends(get_async_db)]


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    try:
        await db.flush()
        db.add(Audit(who=user, account_id=account.id))
        await run_in_threadpool(screen, account.owner)
        await db.commit()
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    except IntegrityError:
        await db.rollback()
        raise HTTPException(409, "the owner has an account already, or there is no such branch") from None
    tasks.add_task(mailer, account.id)
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
            app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
            yield
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    return app
