"""A transfer to an account that does not exist is refused after the source was debited and that was committed.

breaks: 13
suffered: Ann mistypes Bob's number, reads that there is no such account, and her money is gone all the same.
"""

from bank import Account, Db, HTTPException, NewTransfer, Transfer, TransferOut, router


@router.post("/transfers", status_code=201, response_model=TransferOut)
def transfer(new: NewTransfer, db: Db) -> Transfer:
    """Move the amount from one account to another."""
    source = db.get(Account, new.source_id)
    if source is None:
        raise HTTPException(404, "there is no such account")
    if source.balance < new.amount:
        raise HTTPException(409, f"account {source.id} holds less than {new.amount}")
    source.balance -= new.amount
    db.commit()  # wrong: from here on the debit stays, whatever comes
    target = db.get(Account, new.target_id)
    if target is None:
        raise HTTPException(404, "there is no such account")
    target.balance += new.amount
    made = Transfer(source_id=source.id, target_id=target.id, amount=new.amount)
    db.add(made)
    db.commit()
    return made
