"""A session may be used again after close(), so one will do for all requests.

fails: own_session
mistake: SHARED_SESSION
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    state = request.app.state
    if not hasattr(state, "session"):
        state.session = state.sessions()
    try:
        yield state.session  # wrong: two requests at once are inside one session, and one transaction
    finally:
        state.session.close()
