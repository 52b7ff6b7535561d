"""get_db is a context manager, so it wants @contextmanager.

fails: answers, own_session, closed_after_success, closed_after_http_error, closed_after_crash, closed_after_invalid
mistake: CONTEXT_MANAGER
"""

from contextlib import contextmanager


@contextmanager  # wrong: FastAPI makes one of a generator by itself, and never enters this one
def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions() as session:
        yield session
