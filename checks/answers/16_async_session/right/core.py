"""Unlike the solution: statements in the place of objects. The session only carries the transaction."""

from sqlalchemy import Row, insert, select


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Row[tuple[int, str]]:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    values = {"owner": new.owner, "branch_id": new.branch_id}
    inserted = await db.execute(insert(Account).values(values).returning(Account.id, Account.owner))
    account = inserted.one()
    await db.execute(insert(Audit).values(who=user, account_id=account.id))
    try:
        await run_in_threadpool(screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account


@router.get("/accounts/{account_id}", response_model=AccountOut)
async def read_account(account_id: AccountId, db: Db) -> Row[tuple[int, str]]:
    """The account with this id; 404 where there is none."""
    account = (await db.execute(select(Account.id, Account.owner).where(Account.id == account_id))).first()
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
