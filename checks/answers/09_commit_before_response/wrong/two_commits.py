"""The account comes first; once it is safe, the audit row follows.

fails: one_transaction
mistake: TWO_COMMITS
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions() as session:
        try:
            yield session
        finally:
            session.rollback()


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
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    db.commit()  # wrong: a crash between the two leaves an account that nobody has logged
    db.add(Audit(who=user, account_id=account.id))
    db.commit()
    tasks.add_task(mailer, account.id)
    return account
