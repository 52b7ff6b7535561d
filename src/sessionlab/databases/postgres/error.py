"""What is said where PostgreSQL cannot be had."""

from __future__ import annotations


class PostgresError(Exception):
    """PostgreSQL cannot be had, or went away: the environment's fault, never the learner's code.

    `fact` says what is wrong, `reason` why (in the server's own words where it has any), `hint` what to do.
    """

    def __init__(self, fact: str, reason: str, hint: str) -> None:
        super().__init__(fact, reason, hint)
        self.fact = fact
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.fact}\n{self.reason}\n\nhint: {self.hint}"
