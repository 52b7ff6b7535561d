"""What the judge can tell the host to do."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import time
import types
from collections.abc import Callable
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.util.concurrency import greenlet_spawn

from ...recorder import listeners, unawaited
from ...recorder.gate import Gate
from ...recorder.recording import CALL, Recording, active, unit
from ...recorder.trace import Event, Trace
from ..values import Handle, decode, encode, short_repr
from . import asgi_client, callables, sessions
from .faults import fault
from .garbage import Tidy
from .loading import MissingName, Snapshot, find, load
from .loop import LoopThread
from .stuck import facts

Answer = Callable[[dict[str, Any]], None]


class Commands:
    """The submission that is loaded, its live objects, and what can be done with them.

    Each command answers once, by the callable that it is given, from whichever thread it ends in.
    """

    def __init__(self, notify: Callable[[dict[str, Any]], None]) -> None:
        self._notify = notify
        self.loop = LoopThread()
        self._live: dict[int, Any] = {}
        self._gates: dict[int, Gate] = {}
        self._lifespans: dict[int, asgi_client.Lifespan] = {}
        self._module: types.ModuleType | None = None
        self._snapshot: Snapshot | None = None
        self._tidy: Tidy | None = None
        self._recording = Recording()
        self._began = time.perf_counter()

    # --- one check's life

    def begin(self, environment: dict[str, str], directory: str) -> dict[str, Any]:
        """Begin a check: remember this process as it is, and record from here on."""
        os.makedirs(directory, exist_ok=True)  # one that ran in another host may have removed it
        os.chdir(directory)
        self._snapshot = Snapshot()
        os.environ.update(environment)
        self._recording, self._began = Recording(), time.perf_counter()
        active.append(self._recording)
        return {}

    def load(self, source: bytes, path: str, given: str) -> dict[str, Any]:
        """Load the submission; answer with its public names."""
        self._module = load(source, path, given)
        return {"names": [name for name in vars(self._module) if not name.startswith("_")]}

    def end(self, marker: str) -> dict[str, Any]:
        """End a check: give everything back. `whole` is False if this host must not be used again."""
        for gate in self._gates.values():
            gate.release()
        whole = self._end_loop()
        if self._recording in active:
            active.remove(self._recording)
        self._recording.stop()
        self._live.clear()
        self._gates.clear()
        self._lifespans.clear()
        self._module = None
        whole = (self._snapshot is None or self._snapshot.restore()) and whole
        os.write(2, f"\n{marker}\n".encode())
        return {"whole": whole}

    def tidy(self) -> dict[str, Any]:
        """Let go of what earlier submissions have left, while nobody waits."""
        if self._tidy is not None:
            self._tidy()
        return {}

    def warmed(self, tidy: Tidy) -> None:
        """Note that this process has warmed up: it is to stay as it is now."""
        tidy.warmed()
        self._tidy = tidy

    def _end_loop(self) -> bool:
        try:
            self.loop.run(self._close_all(), seconds=2)
        except Exception:  # a submission's own shutdown may raise anything: then this host is not used again
            return False
        return True

    async def _close_all(self) -> None:
        for lifespan in self._lifespans.values():
            await lifespan.stop()
        await self.loop.cancel_others()
        for engine in list(listeners.engines):
            await greenlet_spawn(engine.dispose)

    # --- live objects

    def keep(self, thing: Any, name: str = "") -> dict[str, Any]:
        """Keep a live object and return the handle that crosses."""
        number = len(self._live) + 1
        self._live[number] = thing
        data: dict[str, Any] = encode(Handle(number, name))
        return data

    def live(self, number: int) -> Any:
        """Return the live object of a handle's number."""
        return self._live[number]

    def engine(self, url: str, options: dict[str, Any]) -> dict[str, Any]:
        """Make an engine for the submission; answer with its handle and its number in the trace."""
        engine = create_engine(url, **options)
        number = self._recording.engine_number(listeners.engine_token(engine))
        return {"handle": self.keep(engine, "engine"), "number": number}

    def callable(self, name: str, returns: Any, raises: dict[str, Any] | None) -> dict[str, Any]:
        """Make a callable for the submission; answer with its handle."""
        value = decode(returns, self.live)
        error = (lambda: self._error(raises)) if raises else None
        return {"handle": self.keep(callables.make(name, value, error), name)}

    def _error(self, raises: dict[str, Any]) -> BaseException:
        error: BaseException = self._named(raises["path"])(*raises["args"], **raises["kwargs"])
        return error

    def override(self, app: str | dict[str, Any], dependency: str, with_: Any) -> dict[str, Any]:
        """Override a dependency of the app: requests get this value in its place."""
        value = decode(with_, self.live)
        self._app(app).dependency_overrides[self._named(dependency)] = lambda: value
        return {}

    def override_session(
        self, app: str | dict[str, Any], dependency: str, url: str, is_async: bool
    ) -> dict[str, Any]:
        """Override a dependency by a session on another database, as a test would."""
        other = sessions.other_async(url) if is_async else sessions.other(url)
        self._app(app).dependency_overrides[self._named(dependency)] = other
        return {}

    def _named(self, path: str) -> Any:
        return callables.resolve(path) if ":" in path else self.find(path)

    def find(self, name: str) -> Any:
        """Return what a dotted name stands for in the submission; raises MissingName."""
        if self._module is None:
            raise RuntimeError("no submission is loaded")
        return find(self._module, name)

    def _app(self, app: str | dict[str, Any]) -> Any:
        return self.find(app) if isinstance(app, str) else decode(app, self.live)

    # --- running the submission

    def call(self, target: Any, args: Any, kwargs: Any, keep: bool, answer: Answer) -> None:
        """Call a function of the submission (or a live object's), and answer with its result or its exception."""
        function = self._named(target) if isinstance(target, str) else decode(target, self.live)
        if inspect.iscoroutinefunction(function):
            answer({"async": True})
            return
        args, kwargs = decode(args, self.live), decode(kwargs, self.live)
        text = f"{getattr(function, '__name__', target)}({_shown(args, kwargs)})"
        request: list[int] = []
        try:
            with unit(*CALL, text=text) as number:
                request.append(number)
                result = function(*args, **kwargs)
        except BaseException as error:
            answer({"error": fault(error), "request": self._number(request)})
            return
        answer({**self._result(result, keep, target), "request": self._number(request)})

    def call_async(self, target: Any, args: Any, kwargs: Any, keep: bool, answer: Answer) -> None:
        """Call an async function of the submission on the event loop, and answer with its result or its exception."""
        function = self._named(target) if isinstance(target, str) else decode(target, self.live)
        args, kwargs = decode(args, self.live), decode(kwargs, self.live)
        request: list[int] = []

        async def run() -> Any:
            text = f"{getattr(function, '__name__', target)}({_shown(args, kwargs)})"
            with unit(*CALL, text=text) as number:
                request.append(number)
                result = function(*args, **kwargs)
                return await result if inspect.isawaitable(result) else _NotAsync()

        def done(result: Any, error: BaseException | None) -> None:
            if isinstance(result, _NotAsync):
                answer({"sync": True})
            elif error is not None:
                answer({"error": fault(error), "request": self._number(request)})
            else:
                answer({**self._result(result, keep, target), "request": self._number(request)})

        self.loop.start(run(), done)

    def _result(self, result: Any, keep: bool, target: Any) -> dict[str, Any]:
        if inspect.iscoroutine(result):
            result.close()
            return {"async": True}
        return {"value": self.keep(result, str(target)) if keep else encode(result)}

    def _number(self, tokens: list[int]) -> int | None:
        return self._recording.request_number(tokens[0]) if tokens else None

    def lifespan(self, app: Any, answer: Answer) -> None:
        """Start an app's lifespan; answer with its number, or with the exception of its start-up."""
        lifespan = asgi_client.Lifespan(self._app(app))
        number = len(self._lifespans) + 1
        self._lifespans[number] = lifespan
        self.loop.start(lifespan.start(), _done(lambda _: {"lifespan": number}, answer))

    def stop_lifespan(self, lifespan: int, answer: Answer) -> None:
        """Shut an app down."""
        self.loop.start(self._lifespans.pop(lifespan).stop(), _done(lambda _: {}, answer))

    def request(
        self, app: Any, method: str, path: str, options: dict[str, Any], lifespan: int, answer: Answer
    ) -> None:
        """Send a request straight over ASGI; answer when the application's call has ended."""
        state = self._lifespans[lifespan].state if lifespan in self._lifespans else {}
        work = asgi_client.request(self._app(app), method, path, options, state)
        self.loop.start(work, _done(self._numbered, answer))

    def _numbered(self, response: dict[str, Any]) -> dict[str, Any]:
        token = response["request"]
        return {**response, "request": self._number([token] if token else [])}

    # --- looking, holding

    def hold(
        self,
        gate: int,
        kinds: list[str],
        text: str = "",
        request: int | None = None,
        skip: int = 0,
        frees: int = 0,
    ) -> dict[str, Any]:
        """Put up a gate, then open the one that `frees` names; a notice tells the judge what is held, before what."""

        def tell(event: Event) -> None:
            blocks = bool(event.data.get("blocking"))
            self._notify({"held": gate, "kind": event.kind, "text": event.text, "blocks": blocks})

        self._gates[gate] = Gate(tuple(kinds), text, request, skip, tell)
        self._recording.gates.append(self._gates[gate])
        return self.release(frees) if frees else {}

    def release(self, gate: int) -> dict[str, Any]:
        """Let go whatever a gate holds, and take the gate down."""
        self._gates[gate].release()
        self._recording.gates.remove(self._gates.pop(gate))
        return {}

    def trace(self, request: int | None = None, most: int | None = None) -> dict[str, Any]:
        """Answer with what has been recorded since the check began: all, one request's, or the first so many."""
        trace = self._recording.trace
        chosen = trace if request is None else trace.request(request)
        return {"trace": Trace(chosen.events[:most]).to_json()}

    def collect(self) -> dict[str, Any]:
        """Let go of what nobody holds any more, so that each coroutine that was never awaited has been seen.

        Raises:
            RuntimeError: this Python tells of no such coroutine.
        """
        if not unawaited.can_be_seen():
            raise RuntimeError("this Python does not tell of coroutines that were never awaited")
        gc.collect()
        return {}

    def stuck(self) -> dict[str, Any]:
        """Answer with what the submission is stuck in."""
        return facts(self._recording, self._began, self.loop.loop)


class _NotAsync:
    """Stands for the result of a function that should have been awaitable."""


def _shown(args: list[Any], kwargs: dict[str, Any]) -> str:
    shown = [short_repr(arg, 40) for arg in args if isinstance(arg, (int, str, float, bool, type(None)))]
    return ", ".join([*shown, *(f"{key}={short_repr(value, 40)}" for key, value in kwargs.items())])


def _done(
    told: Callable[[Any], dict[str, Any]], answer: Answer
) -> Callable[[Any, BaseException | None], None]:
    def done(result: Any, error: BaseException | None) -> None:
        if isinstance(error, MissingName):
            answer({"missing": list(error.args)})
        elif isinstance(error, asyncio.CancelledError):
            answer({"cancelled": True})
        elif error is not None:
            answer({"error": fault(error)})
        else:
            answer(told(result))

    return done
