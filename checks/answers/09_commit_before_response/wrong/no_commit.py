"""The session is closed at the end, and closing it saves what was added.

fails: answers, readable_before_response, commit_time_conflict, branch_closed_meanwhile, mail_after_commit
mistake: NO_COMMIT
"""


def get_db(request: Request) -> Iterator[Session]:
    """Yield this request's session; afterwards commit what was done in it, or roll it back, and close it.

    The sessionmaker is at request.app.state.sessions.
    """
    with request.app.state.sessions() as session:  # wrong: closing rolls back
        yield session
