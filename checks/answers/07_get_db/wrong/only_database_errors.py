"""Only the database can fail, so its errors are the ones to clean up after.

fails: closed_after_http_error, closed_after_crash, closed_after_invalid, none_left_out
mistake: NO_FINALLY
"""

from sqlalchemy.exc import SQLAlchemyError


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
    except SQLAlchemyError:  # wrong: an HTTPException and the auditor's RuntimeError pass by
        session.close()
        raise
    else:
        session.close()
