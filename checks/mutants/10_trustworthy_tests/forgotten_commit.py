"""A new account is flushed, so that it has an id to answer with, and never committed.

breaks: 2
suffered: Ann is told the number of her new account, and the next day nobody knows it.
"""

from bank import Account, AccountOut, Db, HTTPException, IntegrityError, NewAccount, router


@router.post("/accounts", status_code=201, response_model=AccountOut)
def open_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it."""
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    try:
        db.flush()  # wrong: the INSERT is sent, and undone when the session is closed
    except IntegrityError:
        raise HTTPException(409, f"{new.owner} has an account already") from None
    return account
