"""Watch ASGI from outside: each request, when its response starts and ends, and its background tasks."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from . import trace as kinds
from .exception_text import told
from .gate import Gate, holds_before
from .recording import REQUEST, Recording, active, current_request, emit, unit

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
_MARK = "sessionlab.request"


async def recorded(app: Callable[..., Awaitable[None]], scope: Any, receive: Any, send: Send) -> None:
    """Run an ASGI app for one request under the recorder; the request's token stands in the scope.

    Raises whatever the app raises.
    """
    if not active or scope["type"] not in ("http", "websocket") or _MARK in scope:
        await app(scope, receive, send)
        return
    text = f"{scope.get('method', 'WEBSOCKET')} {scope['path']}"
    with unit(*REQUEST, text=text) as number:
        scope[_MARK] = number
        await app(scope, receive, _recording(send))


def _recording(send: Send) -> Send:
    async def recorded_send(message: Message) -> None:
        for kind, text, data in _events(message):
            await _emit(kind, text, data)
        await send(message)

    return recorded_send


def _events(message: Message) -> list[tuple[str, str, dict[str, Any]]]:
    if message["type"] == "http.response.start":
        return [(kinds.RESPONSE_STARTED, str(message["status"]), {"status": message["status"]})]
    if message["type"] == "http.response.body":
        size = len(message.get("body", b""))
        kind = kinds.BODY if message.get("more_body") else kinds.RESPONSE_DONE
        return [(kind, "", {"bytes": size})]
    if message["type"] == "websocket.send":
        return [(kinds.BODY, "", {})]
    return []


async def _emit(kind: str, text: str, data: dict[str, Any]) -> None:
    """Record an event on the event loop, where a gate must hold this request alone."""
    request = current_request.get()
    for recording in list(active):
        gate = _gate(recording, request, kind, text, data) if recording.gates else None
        if gate is not None and holds_before(kind):
            await gate.sleep()
        recording.emit(kind, request=request, text=text, data=data, gate=False)
        if gate is not None:
            await gate.sleep()


def _gate(
    recording: Recording, request: int | None, kind: str, text: str, data: dict[str, Any]
) -> Gate | None:
    number = None if request is None else recording.request_number(request)
    return recording.gate_for(kinds.Event(0, kind, request=number, text=text, data=data))


def install() -> list[tuple[Any, str, Any]]:
    """Wrap Starlette's application and background task, on their classes.

    Returns what was put where: (class, attribute, wrap). FastAPI's application calls Starlette's.
    """
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask

    return [_wrap_app(Starlette), _wrap_background(BackgroundTask)]


def _wrap_app(owner: Any) -> tuple[Any, str, Any]:
    original = owner.__call__

    @functools.wraps(original)
    async def call(self: Any, scope: Any, receive: Any, send: Send) -> None:
        await recorded(functools.partial(original, self), scope, receive, send)

    owner.__call__ = call
    return owner, "__call__", call


def _wrap_background(owner: Any) -> tuple[Any, str, Any]:
    original = owner.__call__

    @functools.wraps(original)
    async def call(self: Any) -> None:
        if not active or type(self) is not owner:
            await original(self)
            return
        await _background(functools.partial(original, self), getattr(self.func, "__name__", repr(self.func)))

    owner.__call__ = call
    return owner, "__call__", call


async def _background(run: Callable[[], Awaitable[None]], name: str) -> None:
    emit(kinds.BACKGROUND, text=name)
    error = ""
    try:
        await run()
    except BaseException as caught:
        error = told(caught)
        raise
    finally:
        emit(kinds.BACKGROUND_DONE, text=name, data={"error": error} if error else {})
