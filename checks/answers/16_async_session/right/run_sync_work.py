"""Unlike the solution: the database work is plain functions on a plain Session, and run_sync awaits for them.

It suits code that exists already. Attributes may be loaded on access in there. Screening stays outside: run_sync
starts no thread.
"""

from sqlalchemy.orm import Session


@router.post("/accounts", status_code=201, response_model=AccountOut)
async def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> AccountOut:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards."""
    account_id = await db.run_sync(store, new, user)
    try:
        await run_in_threadpool(screen, new.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account_id)
    return AccountOut(id=account_id, owner=new.owner)


def store(db: Session, new: NewAccount, user: str) -> int:
    account = Account(owner=new.owner, branch_id=new.branch_id)
    db.add(account)
    db.flush()
    db.add(Audit(who=user, account_id=account.id))
    db.flush()
    return account.id


@router.get("/accounts/{account_id}", response_model=AccountOut)
async def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    account = await db.run_sync(lambda session: session.get(Account, account_id))
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
