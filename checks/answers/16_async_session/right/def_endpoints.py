"""Unlike the solution: endpoints are plain functions in worker threads, and send only the database's part to the loop.

Screening needs no thread of its own then. Each call of the session is a trip to the loop and back.
"""

from anyio import from_thread


@router.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)  # only the session's memory changes: there is nothing to wait for
    from_thread.run(db.flush)
    db.add(Audit(who=user, account_id=account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)  # a plain function: Starlette calls it in a worker thread
    return account


@router.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    account = from_thread.run(db.get, Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
