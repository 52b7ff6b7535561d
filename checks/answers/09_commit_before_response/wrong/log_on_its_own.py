"""The log gets a session of its own, so that it says what was tried, whatever becomes of it.

fails: answers, readable_before_response, commit_time_conflict, branch_closed_meanwhile, rejected_leaves_nothing,
    one_transaction, mail_after_commit, recovers
mistake: TWO_SESSIONS
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start-up and shutdown: one engine for the whole app, and a sessionmaker where requests can find it."""
    # Wait at most a tenth of a second for another writer.
    engine = create_engine(os.environ["DATABASE_URL"], connect_args={"timeout": 0.1})
    event.listen(engine, "connect", enforce_foreign_keys)
    Base.metadata.create_all(engine)
    app.state.sessions = sessionmaker(engine)
    yield
    engine.dispose()


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount,
    user: User,
    db: Db,
    screen: Screen,
    mailer: Mailer,
    tasks: BackgroundTasks,
    request: Request,
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    db.flush()  # sends the INSERT: the id is known from here on, and a duplicate as well
    with request.app.state.sessions.begin() as log:  # wrong: db has written, and keeps other writers out
        log.add(Audit(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account
