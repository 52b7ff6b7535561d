"""A session can be used again after commit, so one is enough for the app.

fails: duplicate_conflict, rejected_leaves_nothing, recovers
mistake: NO_ROLLBACK
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    state = request.app.state
    if not hasattr(state, "session"):
        state.session = state.sessions()
    yield state.session  # wrong: after a failed flush it does nothing until it is rolled back
    state.session.commit()
