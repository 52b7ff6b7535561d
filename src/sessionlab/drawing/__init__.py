"""Draws a trace: lanes for a terminal, a sequence diagram, the pool's occupancy, actors in columns."""

from .columns import Step, columns
from .lanes import lanes
from .mermaid import mermaid
from .occupancy import occupancy

__all__ = ["Step", "columns", "lanes", "mermaid", "occupancy"]
