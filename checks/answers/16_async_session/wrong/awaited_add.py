"""Everything on an AsyncSession is async, so everything is awaited.

fails: answers, readable_before_response, commit_time_conflict, duplicate_conflict, rejected_leaves_nothing
mistake: AWAITED_PLAIN
"""


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    await db.add(account)  # wrong: add sends nothing, and returns None
    await db.flush()
    db.add(Audit(who=user, account_id=account.id))
    try:
        await run_in_threadpool(screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)  # a plain function: Starlette calls it in a worker thread
    return account
