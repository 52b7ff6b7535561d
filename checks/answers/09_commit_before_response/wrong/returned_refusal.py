"""A 422 is an error, and after an error nothing is stored.

fails: rejected_leaves_nothing
mistake: COMMITTED_REFUSAL
"""


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account | JSONResponse:
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
        return JSONResponse({"detail": str(rejected)}, 422)  # wrong: for get_db all went well
    tasks.add_task(mailer, account.id)
    return account
