"""The recorder: watches SQLAlchemy and ASGI from outside, and yields a trace of what a program did."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .gate import Gate
    from .recording import Recording, record
    from .trace import Event, Trace, Where

__all__ = ["Event", "Gate", "Recording", "Trace", "Where", "record"]

# Who reads a trace needs no SQLAlchemy, whose import takes a tenth of a second.
_HOMES = {
    "Gate": "gate",
    "Recording": "recording",
    "record": "recording",
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
