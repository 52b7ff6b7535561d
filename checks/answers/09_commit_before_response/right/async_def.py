"""Unlike the solution: everything is async def, although the session is not.

It meets the contract, and each statement stops the event loop, and with it every other request.

"""


async def get_db(request: Request) -> AsyncIterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions.begin() as session:
        yield session


@app.exception_handler(IntegrityError)
async def answer_conflict(request: Request, error: Exception) -> JSONResponse:
    """Every IntegrityError that a request ends with, wherever it was raised, is a 409."""
    return JSONResponse({"detail": "the owner has an account already, or there is no such branch"}, 409)


@app.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    db.flush()  # sends the INSERT: the id is known from here on, and a duplicate as well
    db.add(Audit(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(send_mail, mailer, account.id)
    return account


async def send_mail(mailer: Callable[[int], None], account_id: int) -> None:
    mailer(account_id)


@app.get("/accounts/{account_id}", response_model=AccountOut)
async def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    account = db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
