"""sessionlab: an interactive course on FastAPI database sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .jupyter.predict import predict
    from .recorder import record

__all__ = ["load_ipython_extension", "predict", "record"]


def load_ipython_extension(ipython: Any) -> None:
    """Do what `%load_ext sessionlab` asks for: the magics `%check`, `%hint` and `%trace`."""
    from .jupyter import load

    load(ipython)


def __getattr__(name: str) -> Any:
    """Return `record` or `predict`, imported on first use: the command line needs neither."""
    if name == "record":
        from .recorder import record

        return record
    if name == "predict":
        from .jupyter.predict import predict

        return predict
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
