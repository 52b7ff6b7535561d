"""get() returns the account, as it always did.

fails: answers, all_awaited, override_honoured
mistake: NOT_AWAITED
"""


@router.get("/accounts/{account_id}", response_model=AccountOut)
async def read_account(account_id: AccountId, db: Db) -> Account:
    """The account with this id; 404 where there is none."""
    account = db.get(Account, account_id)  # wrong: this is a coroutine
    if account is None:
        raise HTTPException(404, f"there is no account {account_id}")
    return account
