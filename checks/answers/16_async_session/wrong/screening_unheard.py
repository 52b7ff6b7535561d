"""The executor runs it in another thread, and what it raises comes out there.

fails: rejected_leaves_nothing
mistake: UNHEARD
"""

import asyncio


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
        # wrong: what screen raises stays in the future that this returns
        asyncio.get_running_loop().run_in_executor(None, screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)  # a plain function: Starlette calls it in a worker thread
    return account
