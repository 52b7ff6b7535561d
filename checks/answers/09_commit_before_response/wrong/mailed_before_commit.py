"""The account is all but stored, so the mail can go out.

fails: mail_after_commit
mistake: MAIL_BEFORE_COMMIT
"""


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer) -> Account:
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
    mailer(account.id)  # wrong: COMMIT may still fail, and a mail can't be rolled back
    return account
