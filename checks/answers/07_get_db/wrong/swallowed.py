"""After a rollback the error is dealt with.

fails: answers, closed_after_http_error, closed_after_crash, closed_after_invalid
mistake: SWALLOWED
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
    except Exception:  # wrong: without a raise FastAPI has neither a response nor an exception
        session.rollback()
    finally:
        session.close()
