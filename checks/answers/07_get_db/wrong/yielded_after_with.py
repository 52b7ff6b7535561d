"""The with block makes sure that the session is closed, and a closed session cannot be used, so all is safe.

fails: closed_after_success, closed_after_http_error, closed_after_crash, none_left_out
mistake: CLOSED_TOO_EARLY
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions() as session:
        pass
    yield session  # wrong: closed before it is used, and its next statement opens it again
