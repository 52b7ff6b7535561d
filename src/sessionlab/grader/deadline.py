"""How long one call of the submission may take; a slow machine may ask for more."""

from __future__ import annotations

import os

from ..course.errors import WrongUse

VARIABLE = "SESSIONLAB_DEADLINE"
_SECONDS = 4.0
_MOST = 3600.0


def asked_deadline() -> float:
    """Return the seconds that the environment asks for, or 4.

    Raises:
        WrongUse: they are no number between 0 and 3600.
    """
    text = os.environ.get(VARIABLE, "").strip()
    try:
        seconds = float(text) if text else _SECONDS
    except ValueError:
        seconds = 0.0
    if 0 < seconds <= _MOST:
        return seconds
    hint = f"name the seconds that one call may take, as in {VARIABLE}=8."
    raise WrongUse(f"{VARIABLE} is {text!r}, which is no number between 0 and {_MOST:g}.", hint)
