"""Unlike the solution: a middleware commits when the response wants to start. It stands below FastAPI, on ASGI's
messages, so what COMMIT raises is raised in the middle of the response, and its background task never runs.

without: SCOPE
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session, which the middleware has opened, and ends."""
    yield request.state.session


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db)]


@app.exception_handler(IntegrityError)
def answer_conflict(request: Request, error: Exception) -> JSONResponse:
    """An IntegrityError of a flush is a 409."""
    return conflict()


def conflict() -> JSONResponse:
    return JSONResponse({"detail": "the owner has an account already, or there is no such branch"}, 409)


class Transactions:
    """A middleware: a session for each request, which is committed before the response starts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with scope["app"].state.sessions() as session:
            scope.setdefault("state", {})["session"] = session
            refused: list[IntegrityError] = []
            try:
                await self.app(scope, receive, ended_before_start(session, send, refused))
            except Exception:
                if not refused:
                    raise
            if refused:
                await conflict()(scope, receive, send)


def ended_before_start(session: Session, send: Send, refused: list[IntegrityError]) -> Send:
    """Send as before, but end the session's transaction before the first message."""

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            try:
                session.commit() if message["status"] < 400 else session.rollback()
            except IntegrityError as error:
                session.rollback()
                refused.append(error)
                raise
        await send(message)

    return send_on


app.add_middleware(Transactions)
