"""A transfer takes the money from the source and gives it to nobody.

breaks: 9
suffered: Ann pays Bob 30 and Bob never has them; each transfer makes the bank's customers poorer.
"""

from bank import Account, Db, HTTPException, NewTransfer, Transfer, TransferOut, router


@router.post("/transfers", status_code=201, response_model=TransferOut)
def transfer(new: NewTransfer, db: Db) -> Transfer:
    """Move the amount from one account to another."""
    source = db.get(Account, new.source_id)
    target = db.get(Account, new.target_id)
    if source is None or target is None:
        raise HTTPException(404, "there is no such account")
    if source.balance < new.amount:
        raise HTTPException(409, f"account {source.id} holds less than {new.amount}")
    source.balance -= new.amount
    # wrong: the target's balance stays as it is
    made = Transfer(source_id=source.id, target_id=target.id, amount=new.amount)
    db.add(made)
    db.commit()
    return made
