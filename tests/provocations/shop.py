"""A shop, which is no bank: the symptoms have to be found under other names than the course's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    orders: Mapped[list[Order]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", deferrable=True, initially="DEFERRED", name="orders_customer_id_fkey")
    )
    customer: Mapped[Customer] = relationship(back_populates="orders")


@contextmanager
def shop(url: str, **settings: object) -> Iterator[Engine]:
    """Yield an engine on a shop with three customers and an order each."""
    engine = create_engine(url, **settings)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            Customer(email=f"{name}@example.org", orders=[Order()]) for name in ("eve", "kim", "lou")
        )
        session.commit()
    try:
        yield engine
    finally:
        engine.dispose()
