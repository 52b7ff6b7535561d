"""Unlike the solution: no dependency. The transaction is a block inside the endpoint, and the answer comes after it.

An AccountOut is made inside the block: afterwards the account is expired and detached.

without: get_db, SCOPE, Db
"""


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, request: Request, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> AccountOut:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    with request.app.state.sessions.begin() as session:
        account = Account(owner=new.owner, branch_id=new.branch_id)
        session.add(account)
        session.flush()
        session.add(Audit(who=user, account_id=account.id))
        try:
            screen(account.owner)
        except Rejected as rejected:
            raise HTTPException(422, str(rejected)) from None
        opened = AccountOut.model_validate(account)
    tasks.add_task(mailer, opened.id)
    return opened


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, request: Request) -> AccountOut:
    """The account with this id; 404 where there is none."""
    with request.app.state.sessions() as session:
        account = session.get(Account, account_id)
        if account is None:
            raise HTTPException(404, f"there is no account {account_id}")
        return AccountOut.model_validate(account)
