"""The log must not hang on the account's transaction, so its row gets a session of its own.

fails: one_transaction
mistake: TWO_TRANSACTIONS
"""


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    async with request.app.state.sessions() as session:
        try:
            yield session
        except BaseException:
            await session.rollback()
            raise


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    request: Request,
    new: NewAccount,
    user: User,
    db: Db,
    screen: Screen,
    mailer: Mailer,
    tasks: BackgroundTasks,
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    await db.flush()
    try:
        await run_in_threadpool(screen, account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    await db.commit()
    async with (
        request.app.state.sessions() as own,
        own.begin(),
    ):  # wrong: another session, another transaction
        own.add(Audit(who=user, account_id=account.id))
    tasks.add_task(mailer, account.id)
    return account
