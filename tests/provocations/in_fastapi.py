"""What FastAPI, Starlette and Python print for dependencies. Each provocation gets the URL of a new database."""

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict

from provocations import prints
from provocations.shop import Customer


class CustomerOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


def get_db():
    yield "a session"


def ask(dependency, endpoint):
    """Answer one request of an app whose only endpoint depends on this; raises what the app raises."""
    app = FastAPI()

    @app.get("/")
    def read(db=dependency):
        return endpoint()

    TestClient(app).get("/")


def not_found():
    raise HTTPException(404)


@prints("TypeError: <generator object get_db at 0x7f68e9d73b60> is not a callable object")
def called_in_depends(url):
    ask(Depends(get_db()), dict)


@prints("AttributeError: 'generator' object has no attribute 'scalars'")
def called_by_hand(url):
    print(get_db().execute)


@prints("Response not awaited.")
def swallowed(url):
    def get_db():
        try:
            yield
        except Exception:
            pass

    ask(Depends(get_db), not_found)


@prints("cannot access local variable 'response'")
def swallowed_in_function_scope(url):
    def get_db():
        try:
            yield
        except Exception:
            pass

    ask(Depends(get_db, scope="function"), not_found)


@prints("Caught handled exception, but response already started.")
def refused_too_late(url):
    def get_db():
        yield
        raise HTTPException(409)

    ask(Depends(get_db), dict)


@prints("generator didn't stop after throw()")
def yielded_twice(url):
    def get_db():
        try:
            yield
        except ValueError:
            yield

    ask(Depends(get_db), lambda: int("no number"))


@prints("Depends() got an unexpected keyword argument 'scope'")
def unknown_argument(url):
    """FastAPI before 0.121 does not know `scope`; this one does not know another."""
    Depends(get_db, extent="function")


@prints('The dependency "get_user" has a scope of "request"')
def outlives(url):
    def get_customer(db=Depends(get_db, scope="function")):
        yield

    ask(Depends(get_customer), dict)


@prints("{'type': 'int_type', 'loc': ('response', 'id')")
def not_flushed(url):
    app = FastAPI()

    @app.get("/", response_model=CustomerOut)
    def read():
        return Customer(email="sam@example.org")

    TestClient(app).get("/")


@prints("AttributeError: 'State' object has no attribute 'sessions'")
def no_lifespan(url):
    app = FastAPI()

    @app.get("/")
    def read(request: Request):
        return request.app.state.makers()

    TestClient(app).get("/")
