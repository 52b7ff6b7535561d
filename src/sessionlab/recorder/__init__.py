"""The recorder: watches SQLAlchemy and ASGI from outside, and yields a trace of what a program did.

It is run on SQLAlchemy 2.1, which `pyproject.toml` asks for. Three things that it uses are no public names
there: `Connection._commit_impl`, the `_fetch…_impl` methods of `CursorResult`, and `await_`, which 2.1 has in
`sqlalchemy.util.concurrency` in place of `await_only`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .gate import Gate
    from .recorded_block import record
    from .recording import Recording
    from .trace import Event, Trace, Where

__all__ = ["Event", "Gate", "Recording", "Trace", "Where", "record"]

# Who reads a trace needs no SQLAlchemy, whose import takes a tenth of a second.
_HOMES = {
    "Gate": "gate",
    "Recording": "recording",
    "record": "recorded_block",
    "Event": "trace",
    "Trace": "trace",
    "Where": "trace",
}


def __getattr__(name: str) -> Any:
    """Return what the package offers under a name; raises AttributeError where it is nothing of it."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
