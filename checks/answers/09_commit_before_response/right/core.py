"""Unlike the solution: Core and not the ORM. The dependency yields a connection, inside a transaction.

without: SCOPE
"""

from sqlalchemy import Connection, Row, insert, select


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start-up and shutdown: one engine for the whole app, and a sessionmaker where requests can find it."""
    # Wait at most a second for another writer.
    engine = create_engine(os.environ["DATABASE_URL"], connect_args={"timeout": 1})
    event.listen(engine, "connect", enforce_foreign_keys)
    Base.metadata.create_all(engine)
    app.state.engine = engine
    yield
    engine.dispose()


def get_db(request: Request) -> Iterator[Connection]:
    """Yield this request's connection; afterwards commit what was done on it, or roll it back."""
    with request.app.state.engine.begin() as connection:
        yield connection


Db = Annotated[Connection, Depends(get_db, scope="function")]


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Row:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    values = {"owner": new.owner, "branch_id": new.branch_id}
    account = db.execute(insert(Account).values(values).returning(Account.id, Account.owner)).one()
    db.execute(insert(Audit).values(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, db: Db) -> Row:
    """The account with this id; 404 where there is none."""
    account = db.execute(select(Account.id, Account.owner).where(Account.id == account_id)).first()
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
