"""`async with` in the endpoint does the same as the dependency, in fewer lines.

fails: override_honoured
mistake: OTHER_DEPENDENCY
without: Db
"""


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, request: Request, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    # wrong: no test can put another session in the place of this one
    async with request.app.state.sessions() as db, db.begin():
        account = Account(owner=new.owner, branch_id=new.branch_id)
        db.add(account)
        await db.flush()
        db.add(Audit(who=user, account_id=account.id))
        try:
            await run_in_threadpool(screen, account.owner)
        except Rejected as rejected:
            raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account


@router.get("/accounts/{account_id}", response_model=AccountOut)
async def read_account(account_id: AccountId, request: Request) -> Account:
    """The account with this id; 404 where there is none."""
    async with request.app.state.sessions() as db:
        account = await db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
