"""What a check suite imports: `expect` to state a claim, `Mistake`, `needs`, `on`, and `Raise` for callables.

`Failed` is what a claim that does not hold raises, and the judge's database where the submission keeps a lock.
"""

from .grader.judge.host import Raise
from .grader.verdict_document import Failed, Mistake, expect, needs, on

__all__ = ["Failed", "Mistake", "Raise", "expect", "needs", "on"]
