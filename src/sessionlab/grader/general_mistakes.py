"""Mistakes that every suite can meet, whatever its lesson."""

from __future__ import annotations

from .verdict_document import Mistake

MISTAKES = {
    "NOT_WRITTEN": Mistake("This part still holds its TODO."),
    "MISSING_NAME": Mistake("The exercise asks for a name that your file does not define."),
    "ASYNC_FUNCTION": Mistake(
        "`async def` makes a function whose call returns a coroutine and runs nothing."
    ),
    "SYNC_FUNCTION": Mistake(
        "A plain `def` returns its result at once, where the contract asks to await it."
    ),
    "STUCK": Mistake("Your code did not come back within its deadline."),
    "POOL_DEADLOCK": Mistake("Everybody waits for a connection, and nobody who holds one gives it back."),
    "LOCK_KEPT": Mistake(
        "A transaction was left open, and an open transaction keeps its locks: everybody else has to wait."
    ),
    "ENDED": Mistake("Your code ended the whole process."),
    "MEMORY": Mistake("Your code took more memory than any answer to this exercise needs."),
    "DOES_NOT_LOAD": Mistake("Python could not load your file, so nothing in it could be checked."),
}
