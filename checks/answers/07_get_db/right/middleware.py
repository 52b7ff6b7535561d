"""Unlike the solution: a middleware opens and closes the session, and get_db only hands it over.

It costs a session even for requests that need none, such as those for /docs.
"""

from collections.abc import Awaitable

from fastapi import Response


@app.middleware("http")
async def open_session(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    with request.app.state.sessions() as session:
        request.state.session = session
        return await call_next(request)


def get_db(request: Request) -> Session:
    """The session that the middleware opened for this request."""
    return request.state.session
