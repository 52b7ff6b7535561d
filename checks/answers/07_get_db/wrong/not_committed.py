"""add() saves the account.

fails: answers
mistake: NO_COMMIT
"""


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it; 409 where the owner has one already."""
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    try:
        db.flush()  # wrong: sent to the database, and undone when get_db closes the session
    except IntegrityError:
        raise HTTPException(409, f"{new.owner} has an account already") from None
    return account
