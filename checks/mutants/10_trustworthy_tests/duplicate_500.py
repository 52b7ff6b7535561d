"""A second account for the same owner is refused by the database alone, and the app falls over it.

breaks: 3
suffered: Whoever opens an account twice reads "Internal Server Error", and somebody is called out of bed for it.
"""

from bank import Account, AccountOut, Db, NewAccount, router


@router.post("/accounts", status_code=201, response_model=AccountOut)
def open_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it."""
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    db.commit()  # wrong: nobody catches the IntegrityError
    return account
