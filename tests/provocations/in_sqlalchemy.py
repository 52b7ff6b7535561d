"""What SQLAlchemy prints on SQLite, without asyncio. Each provocation gets the URL of a new database."""

import threading

import pytest
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, raiseload, sessionmaker
from sqlalchemy.pool import SingletonThreadPool

from provocations import prints
from provocations.shop import Base, Customer, Order, shop


@prints("sqlalchemy.exc.ArgumentError: Could not parse SQLAlchemy URL")
def no_url(url):
    create_engine("")


@prints("sqlalchemy.exc.NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres")
def postgres_url(url):
    create_engine("postgres://eve:secret@db.example.org/shop")


@prints("(sqlite3.OperationalError) table accounts already exists")
def tables_twice(url):
    with shop(url) as engine:
        Base.metadata.create_all(engine, checkfirst=False)  # what a process does that saw no table yet


@prints("MovedIn20Warning")
def old_base(url):
    from sqlalchemy.ext.declarative import declarative_base

    declarative_base()


@prints("QueuePool limit of size 5 overflow 10 reached")
def pool_empty(url):
    with shop(url, pool_size=1, max_overflow=1, pool_timeout=0) as engine:
        kept = [engine.connect(), engine.connect()]
        try:
            engine.connect()
        finally:
            for connection in kept:
                connection.close()


@prints("(sqlite3.OperationalError) database is locked")
def locked(url):
    with shop(url, connect_args={"timeout": 0}) as engine, Session(engine) as one, Session(engine) as other:
        one.add(Customer(email="sam@example.org"))
        one.flush()
        other.add(Customer(email="tom@example.org"))
        other.flush()


@prints("INFO sqlalchemy.engine.Engine ROLLBACK")
def not_committed(url):
    with shop(url) as engine, Session(engine) as session:
        session.add(Customer(email="sam@example.org"))
        session.flush()


@prints("(raised as a result of Query-invoked autoflush")
def autoflushed(url):
    with shop(url) as engine, Session(engine) as session:
        session.add(Customer(email="eve@example.org"))
        session.scalars(select(Order)).all()


@prints("sqlalchemy.exc.ArgumentError: autocommit=True")
def autocommit(url):
    Session(autocommit=True)


@prints("Instance <Account at 0x7f48d9db2490> is not bound to a Session; attribute refresh")
def expired(url):
    with shop(url) as engine:
        with Session(engine) as session:
            customer = session.get(Customer, 1)
            session.commit()
        print(customer.email)


@prints("sqlalchemy.orm.exc.DetachedInstanceError: Parent instance")
def detached(url):
    with shop(url) as engine:
        with Session(engine) as session:
            customer = session.get(Customer, 1)
        print(customer.orders)


@prints("sqlalchemy.exc.InvalidRequestError: Instance '<Account at 0x7f48d9db2490>' is not persistent")
def not_persistent(url):
    with shop(url) as engine, Session(engine) as session:
        customer = session.get(Customer, 1)
        session.close()
        session.refresh(customer)


@prints("sqlalchemy.orm.exc.ObjectDeletedError")
def row_gone(url):
    with shop(url) as engine, Session(engine) as session:
        order = session.get(Order, 1)
        session.commit()
        with engine.begin() as other:
            other.execute(text("DELETE FROM orders"))
        print(order.customer_id)


@prints("INFO sqlalchemy.engine.Engine [cached since")
def one_query_each(url):
    with shop(url) as engine, Session(engine) as session:
        print(sum(len(customer.orders) for customer in session.scalars(select(Customer))))


@prints("sqlalchemy.exc.InvalidRequestError: The unique() method must be invoked")
def not_unique(url):
    with shop(url) as engine, Session(engine) as session:
        session.scalars(select(Customer).options(joinedload(Customer.orders))).all()


@prints("sqlalchemy.exc.InvalidRequestError: 'Account.entries' is not available due to lazy='raise'")
def lazy_forbidden(url):
    with shop(url) as engine, Session(engine) as session:
        print(session.scalars(select(Customer).options(raiseload(Customer.orders))).first().orders)


@prints("(sqlite3.ProgrammingError) SQLite objects created in a thread")
def other_thread(url):
    engine = create_engine("sqlite://", poolclass=SingletonThreadPool)
    raised = []
    with engine.connect() as connection:

        def ask():
            try:
                connection.execute(text("SELECT 1"))
            except Exception as error:
                raised.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    raise raised[0]


@prints("(sqlite3.OperationalError) no such table: accounts")
def memory_of_each_thread(url):
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    raised = []

    def ask():
        try:
            with Session(engine) as session:
                session.scalars(select(Customer)).all()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    raise raised[0]


@prints("sqlalchemy.exc.PendingRollbackError: This Session's transaction has been rolled back")
def no_rollback(url):
    with shop(url) as engine, Session(engine) as session:
        session.add(Customer(email="eve@example.org"))
        with pytest.raises(IntegrityError):
            session.flush()
        session.scalars(select(Customer)).all()


@prints("(sqlite3.IntegrityError) UNIQUE constraint failed: accounts.owner")
def taken(url):
    with shop(url) as engine, Session(engine) as session:
        session.add(Customer(email="eve@example.org"))
        session.commit()


@prints("sqlalchemy.exc.IntegrityError: (sqlite3.IntegrityError) FOREIGN KEY constraint failed")
def no_such_parent(url):
    with shop(url) as engine, Session(engine) as session:
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
        engine.dispose()
        session.add(Order(customer_id=99))
        session.flush()  # the constraint is deferred
        session.commit()


@prints("sqlalchemy.exc.InvalidRequestError: A transaction is already begun")
def begun_twice(url):
    with shop(url) as engine, Session(engine) as session:
        session.get(Customer, 1)
        with session.begin():
            pass


@prints("sqlalchemy.exc.InvalidRequestError: Can't operate on closed transaction inside context manager.")
def committed_inside(url):
    with shop(url) as engine, sessionmaker(engine).begin() as session:
        session.commit()
        session.get(Customer, 1)


@prints("sqlalchemy.exc.ResourceClosedError: This transaction is closed")
def ended_twice(url):
    with shop(url) as engine, Session(engine) as session:
        savepoint = session.begin_nested()
        savepoint.commit()
        savepoint.commit()


@prints("sqlalchemy.exc.InvalidRequestError: This connection has already initialized")
def isolated_too_late(url):
    with shop(url) as engine, engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        connection.execution_options(isolation_level="SERIALIZABLE")


@prints("sqlalchemy.exc.InvalidRequestError: Object <Account at 0x7f05d71970d0> cannot be converted")
def streamed_after_close(url):
    with shop(url) as engine:
        with Session(engine) as session:
            customers = session.scalars(select(Customer), execution_options={"yield_per": 1})
        next(iter(customers))


@prints("sqlalchemy.exc.InvalidRequestError: Object '<Account at 0x7f05d714cad0>' is already attached")
def two_sessions(url):
    with shop(url) as engine, Session(engine) as session, Session(engine) as other:
        other.add(session.get(Customer, 1))


@prints("(psycopg.OperationalError) connection failed: connection to server at")
def nobody_listens(url):
    import socket

    with socket.socket() as reserved:  # bound, and not listening
        reserved.bind(("127.0.0.1", 0))
        create_engine(f"postgresql://eve@127.0.0.1:{reserved.getsockname()[1]}/shop").connect()


@prints("sqlalchemy.orm.exc.StaleDataError: UPDATE statement on table 'accounts'")
def gone_meanwhile(url):
    with shop(url) as engine, Session(engine) as session:
        session.get(Customer, 1).email = "eve@example.com"
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM customers WHERE id = 1"))
        session.flush()


@prints("(sqlite3.IntegrityError) CHECK constraint failed")
def overdrawn(url):
    with shop(url) as engine, engine.begin() as connection:
        connection.execute(text("CREATE TABLE stock (pieces INTEGER CHECK (pieces >= 0))"))
        connection.execute(text("INSERT INTO stock VALUES (1)"))
        connection.execute(text("UPDATE stock SET pieces = pieces - 2"))
