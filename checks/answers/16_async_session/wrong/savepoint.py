"""A savepoint is a part of its transaction: a rollback takes it along.

fails on sqlite: rejected_leaves_nothing
mistake on sqlite: SAVEPOINT
"""


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    async with db.begin_nested():  # wrong: on SQLite nothing was begun before it, and its end stores for good
        db.add(account)
        await db.flush()
        db.add(Audit(who=user, account_id=account.id))
    try:
        await run_in_threadpool(screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account
