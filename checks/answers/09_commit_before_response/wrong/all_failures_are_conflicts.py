"""Whatever goes wrong here, the client can't have the account: that is a conflict.

fails: rejected_leaves_nothing
mistake: CAUGHT_ALL
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
        db.add(Audit(who=user, account_id=account.id))
        screen(account.owner)
        db.flush()
    except Exception as error:  # wrong: a rejection and a crash are no conflicts
        raise HTTPException(409, str(error)) from None
    tasks.add_task(mailer, account.id)
    return account
