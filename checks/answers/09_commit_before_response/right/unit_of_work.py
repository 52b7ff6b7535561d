"""Unlike the solution: the dependency is a class. FastAPI makes one for each request, and the endpoint enters it.

without: get_db, SCOPE, Db
"""


class UnitOfWork:
    """A transaction that ends where its `with` block ends: committed, or rolled back if something was raised."""

    def __init__(self, request: Request) -> None:
        self.session: Session = request.app.state.sessions()

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        try:
            if kind is None:
                self.session.commit()
        finally:
            self.session.rollback()
            self.session.close()


Work = Annotated[UnitOfWork, Depends()]


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, work: Work, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> AccountOut:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    try:
        with work as session:
            account = Account(owner=new.owner, branch_id=new.branch_id)
            session.add(account)
            session.flush()
            session.add(Audit(who=user, account_id=account.id))
            screen(account.owner)
            opened = AccountOut.model_validate(account)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    tasks.add_task(mailer, opened.id)
    return opened


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, work: Work) -> AccountOut:
    """The account with this id; 404 where there is none."""
    with work as session:
        account = session.get(Account, account_id)
        if account is None:
            raise HTTPException(404, f"there is no account {account_id}")
        return AccountOut.model_validate(account)
