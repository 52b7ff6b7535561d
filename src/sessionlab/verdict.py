"""What a check suite imports, and all that it does.

`expect` states a claim, and a `Mistake` is what makes it fail; `needs` and `on` say which checks come first and on
which database; `Raise` is a callable's part that raises. `Failed` is what a claim that does not hold raises, and the
judge's database where the submission keeps a lock. A `Trace` is what the submission did: a claim may show part of it.
"""

from .grader.judge.host import Raise
from .grader.verdict_document import Failed, Mistake, expect, needs, on
from .recorder.trace import Trace

__all__ = ["Failed", "Mistake", "Raise", "Trace", "expect", "needs", "on"]
