"""The recorder: watches SQLAlchemy and ASGI from outside, and yields a trace of what a program did."""

from .gate import Gate
from .recording import Recording, record
from .trace import Event, Trace, Where

__all__ = ["Event", "Gate", "Recording", "Trace", "Where", "record"]
