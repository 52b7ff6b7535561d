"""Traces are the same in each run, also where an exception names an object."""

import pytest

from sessionlab.recorder import record
from sessionlab.recorder.recording import CALL, unit


def test_an_error_in_a_trace_names_no_address():
    """SQLAlchemy's errors say "<Account at 0x7f48d9db2490>", and the address is another one each time."""
    with record() as recording, pytest.raises(LookupError), unit(*CALL, text="find()"):
        raise LookupError(f"no such {object()}")
    assert recording.trace.of("call done")[0].data["error"] == "LookupError: no such <object object>"
