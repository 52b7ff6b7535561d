"""A quick look needs no session: a connection of the engine's own will do, and goes away by itself.

fails: none_left_out
mistake: RAW_CONNECTION
"""


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it; 409 where the owner has one already."""
    taken = select(Account.id).where(Account.owner == new.owner)
    if db.get_bind().connect().scalar(taken) is not None:  # wrong: checked out, and never given back
        raise HTTPException(409, f"{new.owner} has an account already")
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    try:
        db.commit()
    except IntegrityError:
        raise HTTPException(409, f"{new.owner} has an account already") from None
    return account
