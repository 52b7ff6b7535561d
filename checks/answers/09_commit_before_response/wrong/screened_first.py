"""Nobody who is rejected should get as far as the database, so the owner is screened first.

fails: duplicate_conflict
mistake: SCREENED_FIRST
"""


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    try:
        screen(new.owner)  # wrong: a duplicate is found by the INSERT, and screened before it
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    db.flush()  # sends the INSERT: the id is known from here on, and a duplicate as well
    db.add(Audit(who=user, account_id=account.id))
    tasks.add_task(mailer, account.id)
    return account
