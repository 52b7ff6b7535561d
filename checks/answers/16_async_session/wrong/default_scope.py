"""Depends runs my exit code around the endpoint, so COMMIT comes before the response.

fails: readable_before_response, commit_time_conflict
mistake: AFTER_RESPONSE
"""

Db = Annotated[AsyncSession, Depends(get_async_db)]  # wrong: the default scope ends after the response
