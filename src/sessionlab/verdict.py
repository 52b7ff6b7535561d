"""What a check suite imports: `expect` to state a claim, `Mistake`, `needs`, `on`, and `Raise` for callables."""

from .grader.judge.host import Raise
from .grader.verdict import Mistake, expect, needs, on

__all__ = ["Mistake", "Raise", "expect", "needs", "on"]
