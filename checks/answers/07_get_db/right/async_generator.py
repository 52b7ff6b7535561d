"""Unlike the solution: an async generator.

Its own code, and so the close, runs on the event loop's thread; a slow ROLLBACK there would stop every request.
"""


async def get_db(request: Request) -> AsyncIterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions() as session:
        yield session
