"""A savepoint is a part of its transaction: a rollback takes it along.

fails: rejected_leaves_nothing
mistake: SAVEPOINT
without: SCOPE, answer_conflict
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
    finally:
        session.rollback()
        session.close()


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db)]


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    account = Account(owner=new.owner, branch_id=new.branch_id)
    try:
        with db.begin_nested():  # wrong: on SQLite, as Python drives it, its release is a COMMIT
            db.add(account)
    except IntegrityError:
        raise HTTPException(409, f"{new.owner} has an account already") from None
    db.add(Audit(who=user, account_id=account.id))
    try:
        screen(new.owner)
        db.commit()
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    except IntegrityError:
        raise HTTPException(409, f"there is no branch {new.branch_id}") from None
    tasks.add_task(mailer, account.id)
    return account
