"""FastAPI made the call, so FastAPI ends it: it closes my session for me.

fails: closed_after_success, closed_after_http_error, closed_after_crash, closed_after_invalid, none_left_out
mistake: NO_CLOSE
"""


def get_db(request: Request) -> Session:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    return request.app.state.sessions()  # wrong: handed over with nobody left to close it
