"""run_sync is there to run synchronous code beside the event loop.

fails: slow_calls_off_the_loop
mistake: RUN_SYNC
"""


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)  # only the session's memory changes: there is nothing to wait for
    await db.flush()
    db.add(Audit(who=user, account_id=account.id))
    try:
        await db.run_sync(lambda session: screen(account.owner))  # wrong: it runs on the loop's thread
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)  # a plain function: Starlette calls it in a worker thread
    return account
