"""A request that fails has nothing to commit, and nothing to close either.

fails: recovers
mistake: LEFT_OUT
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    yield session
    session.commit()
    session.close()  # wrong: an exception never comes by here
