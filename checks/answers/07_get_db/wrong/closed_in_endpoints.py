"""Whoever uses the session closes it, so each endpoint closes its own.

fails: closed_after_invalid
mistake: CLOSED_IN_ENDPOINT
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    yield request.app.state.sessions()  # wrong: a 422 is answered without ever calling an endpoint


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it; 409 where the owner has one already."""
    with db:
        account = Account(owner=new.owner, balance=new.balance)
        db.add(account)
        try:
            db.commit()
        except IntegrityError:
            raise HTTPException(409, f"{new.owner} has an account already") from None
        db.refresh(account)
        return account


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    with db:
        account = db.get(Account, account_id)
        if account is None:
            raise HTTPException(404, f"there is no account {account_id}")
        return account


@app.post("/accounts/{account_id}/audit")
def audit_account(account_id: AccountId, db: Db, auditor: Auditor) -> dict[str, str]:
    """Call the auditor with the account's owner and say who was audited; 404 where there is none."""
    with db:
        owner = db.scalar(select(Account.owner).where(Account.id == account_id))
        if owner is None:
            raise HTTPException(404, f"there is no account {account_id}")
        auditor(owner)
        return {"audited": owner}
