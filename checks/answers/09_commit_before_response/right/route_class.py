"""Unlike the solution: a route class commits what its endpoint did, when the response is made and not yet sent.

without: SCOPE
"""

from collections.abc import Coroutine

from fastapi import Response
from fastapi.routing import APIRoute


class TransactionalRoute(APIRoute):
    """Gives each request a session, and commits it when the endpoint's response is made and not yet sent."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def transact(request: Request) -> Response:
            with request.app.state.sessions.begin() as session:
                request.state.session = session
                return await answer(request)

        return transact


app.router.route_class = TransactionalRoute


def get_db(request: Request) -> Session:
    """The session that the route opened for this request."""
    return request.state.session


# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db)]
