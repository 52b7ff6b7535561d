"""Let go of what earlier submissions have left in this process, while nobody waits."""

from __future__ import annotations

import functools
import gc


class Tidy:
    """Knows this process as it was when it had warmed up.

    Libraries keep what they have computed of a function or a type in caches (FastAPI of each dependency,
    `typing` of each Annotated), and so every module that was ever loaded. A cache that has grown is cleared.
    """

    def __init__(self) -> None:
        gc.collect()
        caches = [thing for thing in gc.get_objects() if isinstance(thing, functools._lru_cache_wrapper)]
        self._sizes = [(cache, cache.cache_info().currsize) for cache in caches]
        gc.freeze()  # what is here now stays: later collections need not look at it

    def __call__(self) -> None:
        """Clear what has grown, and collect."""
        for cache, size in self._sizes:
            if cache.cache_info().currsize > size:
                cache.cache_clear()
        gc.collect()
