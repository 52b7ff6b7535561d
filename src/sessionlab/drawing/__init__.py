"""Draws a trace: lanes for a terminal, a sequence diagram, the pool's occupancy, actors in columns.

Once this is imported, a trace shows itself in Jupyter as a diagram.
"""

from ..recorder.trace import Trace, drawn_by
from .columns import Step, columns
from .interleaving import Interleaving
from .lanes import lanes
from .mermaid import mermaid
from .occupancy import occupancy

__all__ = ["Interleaving", "Step", "columns", "lanes", "mermaid", "occupancy"]


def _as_shown(trace: Trace) -> dict[str, str]:
    """Return a trace as a diagram, and lanes of text for where no diagram is shown."""
    return {"text/vnd.mermaid": mermaid(trace), "text/plain": "\n".join(lanes(trace))}


drawn_by(_as_shown)
