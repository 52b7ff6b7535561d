"""Unlike the solution: every transaction takes SQLite's write lock at its BEGIN, so a look holds until COMMIT.

Nobody writes between the look and the INSERT, and nobody writes while a screening takes its time either.
IntegrityError is met all the same: another database has no such lock.

"""

from sqlalchemy import Connection, select


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start-up and shutdown: one engine for the whole app, and a sessionmaker where requests can find it."""
    # Wait at most a second for another writer.
    engine = create_engine(os.environ["DATABASE_URL"], connect_args={"timeout": 1})
    event.listen(engine, "connect", enforce_foreign_keys)
    event.listen(engine, "begin", lock_at_once)
    Base.metadata.create_all(engine)
    app.state.sessions = sessionmaker(engine)
    yield
    engine.dispose()


def enforce_foreign_keys(connection: Any, record: Any) -> None:
    """SQLite ignores foreign keys unless each connection asks for them; the driver is to begin nothing by itself."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.isolation_level = None


def lock_at_once(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    if db.scalar(select(Account.id).where(Account.owner == new.owner)):
        raise HTTPException(409, f"{new.owner} has an account already")
    if db.get(Branch, new.branch_id) is None:
        raise HTTPException(409, f"there is no branch {new.branch_id}")
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    db.flush()  # sends the INSERT: the id is known from here on, and a duplicate as well
    db.add(Audit(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account
