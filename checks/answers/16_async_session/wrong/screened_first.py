"""First the questions, then the INSERT: a rejected owner should cost the database nothing.

fails: duplicate_conflict
mistake: SCREENED_FIRST
"""


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    try:
        await run_in_threadpool(screen, new.owner)  # wrong: nobody knows yet whether the owner has an account
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    await db.flush()
    db.add(Audit(who=user, account_id=account.id))
    tasks.add_task(mailer, account.id)
    return account
