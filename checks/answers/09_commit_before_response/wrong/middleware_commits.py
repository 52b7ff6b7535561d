"""A middleware holds the response until it returns it: the one place where COMMIT is before the response for sure.

fails: mail_after_commit
mistake: TASK_KEPT
without: SCOPE, answer_conflict
"""

from collections.abc import Awaitable

from fastapi import Response


@app.middleware("http")
async def transact(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Commit if the endpoint succeeded, before its response goes out."""
    with request.app.state.sessions() as session:
        request.state.session = session
        try:
            response = await call_next(request)
            if response.status_code < 400:
                session.commit()
            return response
        except IntegrityError:
            # wrong: the 201 that is put aside keeps its background task, which runs all the same
            return JSONResponse(
                {"detail": "the owner has an account already, or there is no such branch"}, 409
            )
        finally:
            session.rollback()


def get_db(request: Request) -> Session:
    """The session that the middleware opened for this request."""
    return request.state.session


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db)]
