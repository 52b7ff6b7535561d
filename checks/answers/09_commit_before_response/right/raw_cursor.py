"""Unlike the solution: the statements go through a cursor of the driver itself, inside the session's transaction."""

import sqlite3


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> AccountOut:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    cursor = db.connection().connection.cursor()
    try:
        cursor.execute("INSERT INTO accounts (owner, branch_id) VALUES (?, ?)", (new.owner, new.branch_id))
    except sqlite3.IntegrityError:  # the driver's own: SQLAlchemy wraps what it has executed itself
        raise HTTPException(409, "the owner has an account already") from None
    account = AccountOut(id=cursor.lastrowid, owner=new.owner)
    cursor.execute("INSERT INTO audits (who, account_id) VALUES (?, ?)", (user, account.id))
    try:
        screen(account.owner)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, account.id)
    return account
