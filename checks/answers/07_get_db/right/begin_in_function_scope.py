"""Unlike the solution: get_db commits, and does so before the response is sent (scope="function", FastAPI 0.121).

The endpoint flushes, which sends the INSERT: the id and the duplicate show there and then.
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions.begin() as session:
        yield session


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db, scope="function")]


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(new: NewAccount, db: Db) -> Account:
    """Store a new account and answer with it; 409 where the owner has one already."""
    account = Account(owner=new.owner, balance=new.balance)
    db.add(account)
    try:
        db.flush()
    except IntegrityError:
        raise HTTPException(409, f"{new.owner} has an account already") from None
    return account
