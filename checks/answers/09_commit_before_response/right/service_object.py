"""Unlike the solution: the endpoints ask for a service, which asks for the session;
a rejection has a handler as well.
"""

from sqlalchemy import insert
from sqlalchemy.exc import NoResultFound


@app.exception_handler(Rejected)
async def answer_rejection(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422)


class Accounts:
    """What can be done with accounts, inside the request's transaction."""

    def __init__(self, db: Db, screen: Screen) -> None:
        self.db = db
        self.screen = screen

    def open(self, new: NewAccount, user: str) -> Account:
        account = self.db.scalar(insert(Account).returning(Account), [new.model_dump()])
        self.db.add(Audit(who=user, account_id=account.id))
        self.screen(account.owner)
        return account

    def find(self, account_id: int) -> Account:
        try:
            return self.db.get_one(Account, account_id)
        except NoResultFound:
            raise HTTPException(404, f"there is no account {account_id}") from None


Service = Annotated[Accounts, Depends()]


@app.post("/accounts", status_code=201, response_model=AccountOut)
def add_account(
    new: NewAccount, user: User, service: Service, mailer: Mailer, tasks: BackgroundTasks
) -> Account:
    """Store a new account with its audit row, and answer with it; the mailer is told afterwards.

    409 for a duplicate owner, who is not screened, and for an unknown branch; 422 where `screen` rejects.
    """
    account = service.open(new, user)
    tasks.add_task(mailer, account.id)
    return account


@app.get("/accounts/{account_id}", response_model=AccountOut)
def read_account(account_id: AccountId, service: Service) -> Account:
    """The account with this id; 404 where there is none."""
    return service.find(account_id)
