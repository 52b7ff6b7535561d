"""Draws a trace: lanes for a terminal, a sequence diagram, the pool's occupancy, actors in columns."""

from .columns import Step, columns
from .interleaving import Interleaving
from .lanes import lanes
from .mermaid import mermaid
from .occupancy import occupancy

__all__ = ["Interleaving", "Step", "columns", "lanes", "mermaid", "occupancy"]
