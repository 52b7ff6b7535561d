"""The row is flushed and has its id, so the mailer can be told.

fails: commit_time_conflict
mistake: MAILED_EARLY
"""


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    await db.flush()
    db.add(Audit(who=user, account_id=account.id))
    try:
        await run_in_threadpool(screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    await run_in_threadpool(mailer, account.id)  # wrong: COMMIT is still to come
    return account
