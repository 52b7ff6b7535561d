"""An AsyncSession can't serve two requests at once, so each request waits for its turn.

fails: own_session
mistake: ONE_AT_A_TIME
"""

import asyncio


async def get_async_db(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield this request's session, and close it whatever happens."""
    # wrong: nobody else has this session, and with `turns` everybody waits
    async with turns, request.app.state.sessions() as session, session.begin():
        yield session


turns = asyncio.Lock()
