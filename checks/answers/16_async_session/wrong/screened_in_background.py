"""Screening takes its time, and for what takes its time there are background tasks.

fails: rejected_leaves_nothing
mistake: SCREENED_LATE
"""


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    await db.flush()
    db.add(Audit(who=user, account_id=account.id))
    tasks.add_task(screen, account.owner)  # wrong: the response does not wait for what it has to say
    tasks.add_task(mailer, account.id)
    return account
