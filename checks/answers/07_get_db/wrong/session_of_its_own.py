"""The audit only reads, so it may as well open a session for itself, and it closes it, too.

fails: override_honoured
mistake: OTHER_DEPENDENCY
"""


@app.post("/accounts/{account_id}/audit")
def audit_account(account_id: AccountId, request: Request, auditor: Auditor) -> dict[str, str]:
    """Call the auditor with the account's owner and say who was audited; 404 where there is none."""
    with request.app.state.sessions() as db:  # wrong: who overrides get_db never gets here
        owner = db.scalar(select(Account.owner).where(Account.id == account_id))
    if owner is None:
        raise HTTPException(404, f"there is no account {account_id}")
    auditor(owner)
    return {"audited": owner}
