"""`async with` a session: where the block ends without an error, it is saved.

fails: readable_before_response, commit_time_conflict
mistake: NO_COMMIT
"""


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    async with request.app.state.sessions() as session:  # wrong: the block closes, and commits nothing
        yield session
