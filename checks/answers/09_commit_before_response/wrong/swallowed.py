"""Once it is rolled back nothing is stored, so the error is dealt with.

fails: commit_time_conflict, branch_closed_meanwhile, mail_after_commit
mistake: SWALLOWED
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    session = request.app.state.sessions()
    try:
        yield session
    except Exception:
        session.rollback()
        raise
    else:
        try:
            session.commit()
        except IntegrityError:
            session.rollback()  # wrong: without a raise the endpoint's 201 goes out
    finally:
        session.close()
