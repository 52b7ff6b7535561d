"""Pay one-time costs before a submission comes: imports, the first request, the first flush."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import StaticPool, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from . import asgi_client
from .loop import LoopThread


def warm(loop: LoopThread) -> None:
    """Run one request of a small application with a database, and forget it."""
    loop.run(_one_request(_app()), seconds=20)


async def _one_request(app: FastAPI) -> None:
    lifespan = asgi_client.Lifespan(app)
    await lifespan.start()
    await asgi_client.request(app, "POST", "/warm", {"json": {"id": 1}}, lifespan.state)
    await lifespan.stop()


def _app() -> FastAPI:
    class Base(DeclarativeBase):
        pass

    class Row(Base):
        __tablename__ = "warm"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Body(BaseModel):
        id: int

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    sessions = sessionmaker(engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        Base.metadata.create_all(engine)
        yield
        engine.dispose()

    def get_db() -> Iterator[Session]:
        with sessions() as session:
            yield session

    app = FastAPI(lifespan=lifespan)

    def post(body: Any, db: Any = Depends(get_db)) -> Any:
        db.add(Row(id=body.id))
        db.commit()
        return {"id": db.scalar(select(Row.id))}

    # The annotation names a local class, which postponed annotations could not find.
    post.__annotations__ = {"body": Body}
    app.post("/warm")(post)
    return app
