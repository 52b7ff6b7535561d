"""Draws a trace: lanes for a terminal, a sequence diagram, two actors in columns, the pool's occupancy."""

from .lanes import lanes

__all__ = ["lanes"]
