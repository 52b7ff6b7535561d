"""Unlike the solution: a dependency finds the account or answers 404, with the request's one session.

FastAPI calls get_db once a request, however many dependencies ask for it.
"""


def find_account(account_id: AccountId, db: Db) -> Account:
    account = db.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account


Found = Annotated[Account, Depends(find_account)]


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account: Found) -> Account:
    """The account with this id; 404 where there is none."""
    return account


@app.post("/accounts/{account_id}/audit")
def audit_account(account: Found, auditor: Auditor) -> dict[str, str]:
    """Call the auditor with the account's owner and say who was audited; 404 where there is none."""
    auditor(account.owner)
    return {"audited": account.owner}
