"""get_db is a name like any other: what counts is that a session arrives.

fails: override_honoured
mistake: OTHER_DEPENDENCY
"""


def session_of_request(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions() as session:
        yield session


def get_db(request: Request) -> Iterator[Session]:
    """The same session under the name that the contract asks for."""
    yield from session_of_request(request)


Db = Annotated[Session, Depends(session_of_request)]  # wrong: an override of get_db finds nobody here
