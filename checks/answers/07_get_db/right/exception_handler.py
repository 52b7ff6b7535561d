"""Unlike the solution: an exception handler of the app answers 409, and the endpoint catches nothing."""

from fastapi.responses import JSONResponse


@app.exception_handler(IntegrityError)
def conflict(request: Request, error: IntegrityError) -> JSONResponse:
    return JSONResponse({"detail": "taken"}, 409)


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it; 409 where the owner has one already."""
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    db.commit()
    return account
