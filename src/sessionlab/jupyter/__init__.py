"""The course in Jupyter: the magics `%check`, `%hint` and `%trace`, predictions, and running a notebook."""

from __future__ import annotations

from typing import Any


def load(ipython: Any) -> None:
    """Put the magics into an IPython shell, and let plots be shown as pictures there."""
    from .magics import LessonMagics
    from .plots import show_figures

    ipython.register_magics(LessonMagics)
    show_figures(ipython)
