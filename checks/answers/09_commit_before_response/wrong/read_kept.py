"""Who only reads has nothing to commit, so there is nothing to end either.

fails: recovers
mistake: LEFT_OUT
"""


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, request: Request) -> Account:
    """The account with this id; 404 where there is none."""
    session = request.app.state.sessions()  # wrong: nobody closes it
    account = session.get(Account, account_id)
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
