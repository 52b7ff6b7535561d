"""The code after yield always runs: that is what yield is for.

fails: closed_after_http_error, closed_after_crash, closed_after_invalid, none_left_out
mistake: NO_FINALLY
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    yield session  # wrong: an endpoint's exception is raised here, and leaves before the next line
    session.close()
