"""Seeds: what was chosen by chance is chosen again by the same number."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

from ..course.errors import WrongUse

VARIABLE = "SESSIONLAB_SEED"


class Seeds:
    """Yields sources of chance, each with its seed: those of 1, 2, 3, and so on, the same in every run.

    So one submission always gets one verdict. A seed that was asked for comes before the others.
    """

    def __init__(self, asked: int | None = None) -> None:
        self._asked = asked

    def __call__(self, count: int) -> Iterator[tuple[int, Random]]:
        """Yield so many seeds, each with its source of chance, and before them the one that was asked for."""
        asked = [] if self._asked is None else [self._asked]
        for seed in [*asked, *range(1, count + 1)]:
            yield seed, Random(seed)

    def again(self, seed: int) -> str:
        """Return how to have this seed come first the next time."""
        return f"seed {seed}; {VARIABLE}={seed} runs it first"


def asked_seed() -> int | None:
    """Return the seed that the environment asks for, or None.

    Raises:
        WrongUse: it is no integer.
    """
    text = os.environ.get(VARIABLE, "").strip()
    try:
        return int(text) if text else None
    except ValueError:
        hint = f"a seed is an integer, as in {VARIABLE}=7; a failing check names the one to use."
        raise WrongUse(f"{VARIABLE} is {text!r}, which is no seed.", hint) from None
