"""Unlike the solution: the endpoints ask for an object that works with the session, and never see it themselves."""

from fastapi.responses import JSONResponse
from sqlalchemy import func
from sqlalchemy.exc import NoResultFound


class Accounts:
    def __init__(self, db: Db) -> None:
        self.db = db

    def find(self, number: int) -> Account:
        try:
            return self.db.execute(select(Account).where(Account.id == number)).scalar_one()
        except NoResultFound:
            raise HTTPException(404) from None

    def add(self, new: NewAccount) -> Account:
        if self.db.scalar(select(func.count()).where(Account.owner == new.owner)):
            raise HTTPException(409)
        with self.db.begin_nested():
            account = Account(**new.model_dump())
            self.db.add(account)
        self.db.commit()
        self.db.refresh(account)
        return account


Repo = Annotated[Accounts, Depends()]


@app.post("/accounts", status_code=201)
def add_account(new: NewAccount, accounts: Repo) -> AccountOut:
    return AccountOut.model_validate(accounts.add(new))


@app.get("/accounts/{account_id}")
def read_account(account_id: AccountId, accounts: Repo) -> AccountOut:
    return accounts.find(account_id)


@app.post("/accounts/{account_id}/audit")
def audit_account(account_id: AccountId, accounts: Repo, auditor: Auditor):
    owner = accounts.find(account_id).owner
    auditor(owner)
    return JSONResponse({"audited": owner})
