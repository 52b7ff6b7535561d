"""Unlike the solution: a helper of one's own knows both how a transaction ends and what its failures are called.

The task travels with the response, so it is there only if the response is.

without: get_db, SCOPE, Db, answer_conflict
"""

from contextlib import contextmanager

from starlette.background import BackgroundTask


@contextmanager
def transaction(app: FastAPI) -> Iterator[Session]:
    """Yield a session that is committed at the end of the block; a conflict is a 409 and a rejection a 422."""
    try:
        with app.state.sessions.begin() as session:
            yield session
    except IntegrityError:
        raise HTTPException(409, "the owner has an account already, or there is no such branch") from None
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, request: Request, screen: Screen, mailer: Mailer
) -> JSONResponse:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    with transaction(request.app) as session:
        account = Account(owner=new.owner, branch_id=new.branch_id)
        session.add(account)
        session.flush()
        session.add(Audit(who=user, account_id=account.id))
        screen(account.owner)
        opened = AccountOut.model_validate(account)
    return JSONResponse(opened.model_dump(), 201, background=BackgroundTask(mailer, opened.id))


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, request: Request) -> AccountOut:
    """The account with this id; 404 where there is none."""
    with transaction(request.app) as session:
        account = session.get(Account, account_id)
        if account is None:
            raise HTTPException(404, f"there is no account {account_id}")
        return AccountOut.model_validate(account)
