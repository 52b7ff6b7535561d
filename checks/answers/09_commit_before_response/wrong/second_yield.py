"""Most conflicts are gone a moment later: a second yield lets the endpoint try again.

fails: commit_time_conflict, branch_closed_meanwhile, duplicate_conflict
mistake: SECOND_YIELD
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        try:
            yield session
            session.commit()
        except IntegrityError:
            session.rollback()
            yield session  # wrong: nothing runs the endpoint again, and FastAPI raises RuntimeError
            session.commit()
    finally:
        session.close()
