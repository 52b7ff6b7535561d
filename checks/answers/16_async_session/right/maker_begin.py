"""Unlike the solution: `async_sessionmaker.begin()` opens session and transaction in one.

Where COMMIT fails, SQLAlchemy 2.1 rolls back and gives the connection back, but does not close that session.
"""


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    async with request.app.state.sessions.begin() as session:
        yield session
