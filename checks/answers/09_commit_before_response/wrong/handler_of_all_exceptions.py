"""A handler for Exception handles them all, so it is the only one I need.

fails: commit_time_conflict, branch_closed_meanwhile, duplicate_conflict
mistake: RAISED_AGAIN
without: answer_conflict
"""


@app.exception_handler(Exception)  # wrong: Starlette raises it again when this has answered
def answer_failure(request: Request, error: Exception) -> JSONResponse:
    """A conflict is a 409, everything else a 500."""
    if isinstance(error, IntegrityError):
        return JSONResponse({"detail": "the owner has an account already, or there is no such branch"}, 409)
    return JSONResponse({"detail": "something went wrong"}, 500)
