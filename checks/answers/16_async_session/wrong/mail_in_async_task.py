"""A background task is in the background, and with `async def` it is non-blocking.

fails: slow_calls_off_the_loop
mistake: SLOW_ON_LOOP
"""

from collections.abc import Callable


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
        await run_in_threadpool(screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(send, mailer, account.id)
    return account


async def send(mailer: Callable[[int], None], account_id: int) -> None:
    mailer(account_id)  # wrong: an async task runs on the event loop
