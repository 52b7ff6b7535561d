"""Unlike the solution: get_async_db only opens and closes, and `db.begin()` in the endpoint is the transaction."""

import asyncio


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    async with request.app.state.sessions() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_async_db)]


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    async with db.begin():
        account = Account(owner=new.owner, branch_id=new.branch_id)
        db.add(account)
        await db.flush()
        db.add(Audit(who=user, account_id=account.id))
        try:
            await asyncio.to_thread(screen, account.owner)
        except Rejected as rejected:
            raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account
