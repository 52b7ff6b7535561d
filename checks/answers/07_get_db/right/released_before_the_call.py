"""Unlike the solution: the audit reads, ends its transaction, and only then calls the auditor.

Lesson 01's rule: however long the auditor takes, no connection waits with it.
"""


@app.post("/accounts/{account_id}/audit")
def audit_account(account_id: AccountId, db: Db, auditor: Auditor) -> dict[str, str]:
    """Call the auditor with the account's owner and say who was audited; 404 where there is none."""
    owner = db.scalar(select(Account.owner).where(Account.id == account_id))
    if owner is None:
        raise HTTPException(404, f"there is no account {account_id}")
    db.commit()
    auditor(owner)
    return {"audited": owner}
