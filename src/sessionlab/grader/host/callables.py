"""Callables that the judge hands to a submission: they record each call, and answer as they were told."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable
from typing import Any

from ...recorder import trace as kinds
from ...recorder.listeners import blocking
from ...recorder.recording import emit
from ..values import encode, short_repr


def make(name: str, returns: Any, error: Callable[[], BaseException] | None) -> Callable[..., Any]:
    """Return a callable of this name that returns a value, or raises a new exception, on each call.

    A call is an event, "called", whose `data["args"]` are the arguments; a gate there holds the caller
    inside the call.
    """

    def called(*args: Any, **kwargs: Any) -> Any:
        shown = ", ".join(
            [*map(short_repr, args), *(f"{key}={short_repr(item)}" for key, item in kwargs.items())]
        )
        crossing = [encode(arg) for arg in args]
        data = {"name": name, "args": crossing, **blocking()}
        emit(kinds.CALLED, text=f"{name}({shown})", data=data)
        try:
            if error is not None:
                raise error()
            return returns
        finally:
            emit(kinds.CALL_RETURNED, text=name, data={"name": name})

    called.__name__ = called.__qualname__ = name
    return called


def resolve(path: str) -> Any:
    """Return what "module:name" names, where the name may be dotted, in a module that can be imported.

    Raises:
        ImportError, AttributeError: there is no such thing.
    """
    module, _, name = path.partition(":")
    return operator.attrgetter(name)(importlib.import_module(module))
