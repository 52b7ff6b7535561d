"""What a check suite imports: `expect` to state a claim, `Mistake`, `needs`, and `Raise` for callables that raise."""

from .grader.judge.host import Raise
from .grader.verdict import Mistake, expect, needs

__all__ = ["Mistake", "Raise", "expect", "needs"]
