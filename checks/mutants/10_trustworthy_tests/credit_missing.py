"""A transfer takes the money from the source and gives it to nobody.

breaks: 9
suffered: Ann pays Bob 30 and Bob never has them; each transfer makes the bank's customers poorer.
"""

from bank import Account, Db, HTTPException, NewTransfer, Transfer, TransferOut, router


@router.post("/transfers", status_code=201, response_model=TransferOut)
def transfer(new: NewTransfer, db: Db) -> Transfer:
    """Move the amount from one account to another."""
    source = db.get(Account, new.source_id)
    if source is None:
        raise HTTPException(404, f"there is no account {new.source_id}")
    if source.balance < new.amount:
        raise HTTPException(409, f"account {new.source_id} holds less than {new.amount}")
    source.balance -= new.amount
    target = db.get(Account, new.target_id)
    if target is None:
        raise HTTPException(404, f"there is no account {new.target_id}")
    # wrong: the target's balance stays as it is
    made = Transfer(source_id=source.id, target_id=target.id, amount=new.amount)
    db.add(made)
    db.commit()
    return made
