"""Let go of what earlier submissions have left in this process, while nobody waits."""

from __future__ import annotations

import functools
import gc


class Tidy:
    """Knows this process as it was when it had imported all it needs, and then when it had warmed up.

    Libraries keep what they have computed of a function or a type in caches (FastAPI of each dependency,
    `typing` of each Annotated), and so every module that was ever loaded. A cache that has grown is cleared.
    """

    def __init__(self) -> None:
        """Note what is imported: make it when everything is."""
        self._caches = [
            thing for thing in gc.get_objects() if isinstance(thing, functools._lru_cache_wrapper)
        ]
        self._sizes: list[int] = []
        gc.freeze()  # what is here now stays: later collections need not look at it
        gc.enable()

    def warmed(self) -> None:
        """Note what has been computed since: that stays as well."""
        gc.collect()
        self._sizes = [cache.cache_info().currsize for cache in self._caches]
        gc.freeze()

    def __call__(self) -> None:
        """Clear what has grown, and collect."""
        for cache, size in zip(self._caches, self._sizes, strict=True):
            if cache.cache_info().currsize > size:
                cache.cache_clear()
        gc.collect()
