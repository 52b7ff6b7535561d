"""Start the judge before the command line is read: it imports for longer than this process does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..grader.judge_process import JudgeProcess

_judge: JudgeProcess | None = None


def start(arguments: list[str]) -> None:
    """Start a judge if these arguments will most likely need one."""
    global _judge
    asks = {"-h", "--help"}.intersection(arguments) or "_SESSIONLAB_COMPLETE" in os.environ
    if arguments[:1] in (["check"], ["watch"]) and not asks:
        from ..grader.judge_process import JudgeProcess  # other commands start none

        _judge = JudgeProcess(stay=arguments[0] == "watch")


def take() -> JudgeProcess | None:
    """Return the judge that was started, for the caller to close; None if there is none."""
    global _judge
    taken, _judge = _judge, None
    return taken


def close() -> None:
    """End a judge that nobody has taken."""
    unused = take()
    if unused is not None:
        unused.close()
