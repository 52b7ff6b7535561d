"""sessionlab: an interactive course on FastAPI database sessions.

What a notebook imports, and all that it does, but for a database: that is `sessionlab.databases`.

- `record()` records what a block does with SQLAlchemy and ASGI, and `predict()` says beforehand what it will be.
- `lanes()`, `mermaid()`, `occupancy()` and `Interleaving.of()` draw a recording's trace.
- `columns()` draws any steps of several actors, each a `Step`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .drawing import Interleaving, Step, columns, lanes, mermaid, occupancy
    from .jupyter.predict import predict
    from .recorder import record

__all__ = [
    "Interleaving",
    "Step",
    "columns",
    "lanes",
    "load_ipython_extension",
    "mermaid",
    "occupancy",
    "predict",
    "record",
]

_HOMES = {
    **dict.fromkeys(("Interleaving", "Step", "columns", "lanes", "mermaid", "occupancy"), "drawing"),
    "predict": "jupyter.predict",
    "record": "recorder",
}


def load_ipython_extension(ipython: Any) -> None:
    """Do what `%load_ext sessionlab` asks for: the magics `%check`, `%hint` and `%trace`."""
    from .jupyter import load  # IPython's: the command line does without

    load(ipython)


def __getattr__(name: str) -> Any:
    """Return what the package offers under a name, imported on first use: the command line needs none of it.

    Raises AttributeError where it is nothing of it.
    """
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_module(".drawing", __name__)  # so that what is recorded shows itself as a diagram
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
