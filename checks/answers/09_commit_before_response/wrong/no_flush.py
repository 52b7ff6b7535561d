"""The id comes with the commit, and get_db commits before the response, so the answer has its id.

fails: answers, readable_before_response, commit_time_conflict, branch_closed_meanwhile,
    duplicate_conflict, one_transaction, mail_after_commit, recovers
mistake: NO_FLUSH
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
    # wrong: the answer is made before get_db commits, and nothing has been sent by then
    db.add(Audit(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account
