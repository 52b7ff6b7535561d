"""Depends(get_db) and next(get_db(request)) are the same thing: both give me the session.

fails: answers, closed_after_success, closed_after_http_error, closed_after_crash, none_left_out, override_honoured
mistake: CLOSED_TOO_EARLY
without: Db
"""


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(new: NewAccount, request: Request) -> Account:
    """Store a new account and answer with it; 409 where the owner has one already."""
    db = next(get_db(request))  # wrong: nothing keeps the generator, so it ends on this very line
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    try:
        db.commit()
    except IntegrityError:
        raise HTTPException(409, f"{new.owner} has an account already") from None
    return account


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, request: Request) -> Account:
    """The account with this id; 404 where there is none."""
    db = next(get_db(request))  # wrong: and nobody will close what is opened again below
    account = db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account


@app.post("/accounts/{account_id}/audit")
def audit_account(account_id: AccountId, request: Request, auditor: Auditor) -> dict[str, str]:
    """Call the auditor with the account's owner and say who was audited; 404 where there is none."""
    db = next(get_db(request))  # wrong: and an override of get_db is never asked
    owner = db.scalar(select(Account.owner).where(Account.id == account_id))
    if owner is None:
        raise HTTPException(404, f"there is no account {account_id}")
    auditor(owner)
    return {"audited": owner}
