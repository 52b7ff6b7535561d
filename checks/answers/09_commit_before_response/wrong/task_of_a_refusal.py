"""A 409 is a 409, whether I raise it or return it.

fails: mail_after_commit
mistake: TASK_KEPT
without: answer_conflict
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions() as session:
        yield session


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, db: Db, screen: Screen, mailer: Mailer, tasks: BackgroundTasks
) -> AccountOut | JSONResponse:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    try:
        with db.begin():
            account = Account(owner=new.owner, branch_id=new.branch_id)
            db.add(account)
            db.flush()  # sends the INSERT: the id is known from here on, and a duplicate as well
            db.add(Audit(who=user, account_id=account.id))
            screen(account.owner)
            tasks.add_task(mailer, account.id)
            answer = AccountOut.model_validate(account)
    except Rejected as rejected:
        raise HTTPException(422, str(rejected)) from None
    except IntegrityError:
        # wrong: this response takes the task along
        return JSONResponse({"detail": "the owner has an account already, or there is no such branch"}, 409)
    return answer
