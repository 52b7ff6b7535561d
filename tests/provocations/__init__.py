"""Makes libraries print what the course's symptoms say, for real, on other names than the symptoms use.

Each provocation is a function that does what somebody does by mistake. It raises, warns or logs; `provoke` returns
all of that as one pastes it. `prints` says which symptom it is: by the beginning of the symptom's text.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import logging
import traceback
import warnings
from collections.abc import Callable
from typing import Any

PROVOCATIONS: dict[str, Callable[..., Any]] = {}


def prints(symptom: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Take down that a function makes a library print the symptom whose text begins so."""

    def take_down(function: Callable[..., Any]) -> Callable[..., Any]:
        assert symptom not in PROVOCATIONS, symptom
        PROVOCATIONS[symptom] = function
        return function

    return take_down


def provoke(function: Callable[..., Any], *arguments: Any) -> str:
    """Return what running this prints: warnings, the log of SQLAlchemy, and a traceback."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    told = [logging.getLogger("sqlalchemy.engine"), logging.getLogger("sqlalchemy.pool")]
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for logger in told:
            logger.addHandler(handler)
        told[0].setLevel("INFO")
        try:
            _run(function, *arguments)
            raised = ""
        except Exception:
            raised = traceback.format_exc()
        finally:
            told[0].setLevel("NOTSET")
            for logger in told:
                logger.removeHandler(handler)
    lines = [warnings.formatwarning(w.message, w.category, w.filename, w.lineno) for w in warned]
    return "".join([*lines, raised or log.getvalue()])


def _run(function: Callable[..., Any], *arguments: Any) -> None:
    if inspect.iscoroutinefunction(function):
        asyncio.run(function(*arguments))
    else:
        function(*arguments)
