"""The with block closes the session, so it does not matter whether I yield or return.

fails: closed_after_success, closed_after_http_error, closed_after_crash, none_left_out
mistake: CLOSED_TOO_EARLY
"""


def get_db(request: Request) -> Session:
    with request.app.state.sessions() as session:
        return session  # wrong: leaves the block, and the session opens again at its next statement
