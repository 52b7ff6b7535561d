"""flush() sends everything, so whatever the database has against it shows there.

fails: commit_time_conflict, branch_closed_meanwhile
mistake: COMMIT_UNGUARDED
without: answer_conflict
"""


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    try:
        db.flush()
    except IntegrityError:  # wrong: a deferred constraint lets the INSERT pass, and COMMIT raises
        raise HTTPException(409, f"{new.owner} has an account already") from None
    db.add(Audit(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account
