"""Depends runs my get_db around the endpoint, so its exit code, and with it COMMIT, comes before the response.

fails: readable_before_response, commit_time_conflict, branch_closed_meanwhile, mail_after_commit
mistake: AFTER_RESPONSE
without: SCOPE
"""

# What the endpoints ask for: "the session that get_db opened for this request".
Db = Annotated[Session, Depends(get_db)]  # wrong: the default scope ends after the response
