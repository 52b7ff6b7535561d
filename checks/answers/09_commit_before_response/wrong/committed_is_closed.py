"""COMMIT gives the connection back to the pool, so there is nothing to close.

fails: recovers
mistake: LEFT_OUT
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
    except BaseException:
        session.rollback()
        raise


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
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
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise HTTPException(409, "the owner has an account already, or there is no such branch") from None
    tasks.add_task(mailer, account.id)  # wrong: reading the id begins another transaction
    return account
