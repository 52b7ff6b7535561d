"""I know what can go wrong here: a status I raise, a body that is invalid, the database.

fails: closed_after_crash, none_left_out
mistake: NO_FINALLY
"""

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError


def get_db(request: Request) -> Iterator[Session]:
    """Yield a session that belongs to this request alone, and close it whatever happens.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
    except (HTTPException, RequestValidationError, SQLAlchemyError):  # wrong: a list has an end
        session.close()
        raise
    else:
        session.close()
