"""A health check that doesn't look at the database says nothing.

fails: health_while_waiting
mistake: HEALTH_ASKS
"""

from sqlalchemy import select


@router.get("/health")
async def health(db: Db) -> dict[str, str]:
    await db.execute(select(1))  # wrong: it waits for a connection, as everybody does
    return {"status": "ok"}
