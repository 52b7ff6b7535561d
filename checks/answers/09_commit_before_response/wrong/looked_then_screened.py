"""I look whether the owner has an account, so nobody is screened who has one; should the INSERT fail all the same, a
handler makes a 409 of it.

fails: duplicate_conflict
mistake: SCREENED_FIRST
"""

from sqlalchemy import select


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    if db.scalar(select(Account.id).where(Account.owner == new.owner)) is not None:
        raise HTTPException(409, f"{new.owner} has an account already")
    try:
        screen(new.owner)  # wrong: since the look, somebody else may have opened an account for this owner
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    db.flush()  # sends the INSERT: the id is known from here on, and a duplicate as well
    db.add(Audit(who=user, account_id=account.id))
    tasks.add_task(mailer, account.id)
    return account
