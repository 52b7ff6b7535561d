"""An account that does not exist is answered with 200 and `null`.

breaks: 6
suffered: A program that looks up a mistyped number is told that all is well, and goes on with an account that is
    not there.
"""

from bank import Account, AccountId, AccountOut, Db, router


@router.get("/accounts/{account_id}", response_model=AccountOut | None)
def read_account(account_id: AccountId, db: Db) -> Account | None:
    """Answer with the account."""
    return db.get(Account, account_id)  # wrong: None is no account
