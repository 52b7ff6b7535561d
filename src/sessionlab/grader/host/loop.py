"""The event loop of the submission's app, in a thread of its own, so that whoever blocks it can be let go."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from ...recorder.unawaited import remember_origins


class LoopThread:
    """Runs coroutines on one event loop in one thread for the life of the host."""

    def __init__(self) -> None:
        # On Windows the default is a proactor loop, on which psycopg can't run.
        self.loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._run, name="sessionlab loop", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        remember_origins()
        self.loop.run_forever()

    def start(
        self, work: Coroutine[Any, Any, Any], done: Callable[[Any, BaseException | None], None]
    ) -> None:
        """Run a coroutine; `done` gets its result or its exception, on the loop's thread."""

        async def run() -> None:
            try:
                result = await work
            except BaseException as error:
                done(None, error)
            else:
                done(result, None)

        self.loop.call_soon_threadsafe(lambda: self.loop.create_task(run(), name="sessionlab"))

    def run(self, work: Coroutine[Any, Any, Any], seconds: float) -> Any:
        """Run a coroutine and return its result.

        Raises what it raises, or TimeoutError after this many seconds.
        """
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    async def cancel_others(self) -> None:
        """Cancel every task but the caller's, and wait for their end."""
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
