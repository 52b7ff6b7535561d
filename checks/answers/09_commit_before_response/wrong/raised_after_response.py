"""An HTTPException becomes a response wherever I raise it, so get_db can turn the error of its own COMMIT into a 409.

fails: readable_before_response, commit_time_conflict, branch_closed_meanwhile, mail_after_commit
mistake: AFTER_RESPONSE
without: SCOPE, answer_conflict
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
        session.commit()
    except IntegrityError:
        session.rollback()
        raise HTTPException(409, "the database refuses") from None  # wrong: at COMMIT the 201 is gone
    finally:
        session.close()


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db)]
