"""Logging and warnings as they were before a submission came, which may set both up for its whole process."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any


class Logs:
    """The levels, handlers and filters of every logger, and the filters of warnings, as they are now."""

    def __init__(self) -> None:
        self._disabled = logging.root.manager.disable
        self._loggers = {logger: _state(logger) for logger in _loggers()}
        self._warnings = list(warnings.filters)

    def restore(self) -> None:
        """Put everything back; a logger that is new becomes as one that was just made."""
        logging.disable(self._disabled)
        for logger in _loggers():
            level, off, propagates, handlers, filters = self._loggers.get(logger, _NEW)
            if _state(logger) != (level, off, propagates, handlers, filters):
                logger.setLevel(level)
                logger.disabled, logger.propagate = off, propagates
                logger.handlers[:], logger.filters[:] = handlers, filters
        if list(warnings.filters) != self._warnings:
            warnings.resetwarnings()  # so that what each module has warned of already is forgotten
            warnings.filters[:] = self._warnings  # type: ignore[index]


_State = tuple[int, bool, bool, list[logging.Handler], list[Any]]
_NEW: _State = (logging.NOTSET, False, True, [], [])


def _loggers() -> Iterator[logging.Logger]:
    yield logging.root
    known = list(logging.root.manager.loggerDict.values())
    yield from (logger for logger in known if isinstance(logger, logging.Logger))


def _state(logger: logging.Logger) -> _State:
    return (
        logger.level,
        logger.disabled,
        logger.propagate,
        list(logger.handlers),
        list(logger.filters),
    )
