"""Warm judges, one for each thread that grades, all ended together."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from .front_end import Front

_Result = TypeVar("_Result")
Judge = Callable[[], Front]


@contextmanager
def judges(course: Path) -> Iterator[Judge]:
    """Yield a function that returns the calling thread's judge: started on first use, anew where it has ended."""
    own = threading.local()
    with ExitStack() as ended:

        def judge() -> Front:
            front: Front | None = getattr(own, "front", None)
            if front is None or not front.alive:
                front = own.front = ended.enter_context(Front(course, stay=True))
            return front

        yield judge


def in_turn(course: Path, work: Iterable[Callable[[Judge], _Result]]) -> list[_Result]:
    """Do each piece of work with a judge at hand, as many at a time as there are cores, in the order given.

    Returns the results in that order, and raises what the first piece raised that did.
    """
    with judges(course) as judge, ThreadPoolExecutor(os.cpu_count() or 1) as workers:
        return list(workers.map(lambda one: one(judge), work))
