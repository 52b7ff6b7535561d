"""A transfer takes more than the source holds, and leaves a balance below 0.

breaks: 11
suffered: Ann holds 100 and pays 500; the bank has lent her 400 without being asked.
"""

from bank import Account, Db, HTTPException, NewTransfer, Transfer, TransferOut, router


@router.post("/transfers", status_code=201, response_model=TransferOut)
def transfer(new: NewTransfer, db: Db) -> Transfer:
    """Move the amount from one account to another."""
    source = db.get(Account, new.source_id)
    target = db.get(Account, new.target_id)
    if source is None or target is None:
        raise HTTPException(404, "there is no such account")
    source.balance -= new.amount  # wrong: nobody asks whether there is so much
    target.balance += new.amount
    made = Transfer(source_id=source.id, target_id=target.id, amount=new.amount)
    db.add(made)
    db.commit()
    return made
