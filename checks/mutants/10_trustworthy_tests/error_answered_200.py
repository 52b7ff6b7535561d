"""A transfer from or to an account that does not exist moves nothing, and is answered with 200 and an "error".

breaks: 12
suffered: Ann's program sees 200, takes the bill for paid, and nobody was paid.
"""

from bank import Account, Db, HTTPException, NewTransfer, Transfer, TransferOut, router
from fastapi.responses import JSONResponse


@router.post("/transfers", status_code=201, response_model=TransferOut)
def transfer(new: NewTransfer, db: Db) -> Transfer | JSONResponse:
    """Move the amount from one account to another."""
    source = db.get(Account, new.source_id)
    target = db.get(Account, new.target_id)
    if source is None or target is None:
        return JSONResponse({"error": "there is no such account"})  # wrong: the status says 200
    if source.balance < new.amount:
        raise HTTPException(409, f"account {source.id} holds less than {new.amount}")
    source.balance -= new.amount
    target.balance += new.amount
    made = Transfer(source_id=source.id, target_id=target.id, amount=new.amount)
    db.add(made)
    db.commit()
    return made
