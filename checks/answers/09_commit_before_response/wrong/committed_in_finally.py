"""finally runs whatever happens, so that is the place from which nothing gets lost.

fails: rejected_leaves_nothing
mistake: COMMITTED_REFUSAL
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
    except IntegrityError:
        session.rollback()
        raise
    finally:
        try:
            session.commit()  # wrong: also where the request has failed
        except IntegrityError:
            session.rollback()
            raise
        finally:
            session.close()
