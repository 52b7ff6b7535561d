"""Drive an ASGI application without a server: requests and the lifespan, message by message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from .faults import fault


async def request(
    app: Any, method: str, target: str, options: dict[str, Any], state: dict[str, Any]
) -> dict[str, Any]:
    """Send one request and return what came back once the application's call has ended.

    Returns `status` and `body` (None where no response was started), `headers`, `complete` (the body ended),
    `error` (the exception that left the application, or None) and `request`, the request's token.
    """
    body = options["content"].encode() if options.get("content") is not None else _body(options.get("json"))
    scope = _scope(method, target, _headers(options.get("headers"), body, options), state)
    messages: list[dict[str, Any]] = []
    receive = _receiver(body)

    async def send(message: Any) -> None:
        messages.append(dict(message))

    error = None
    try:
        await app(scope, receive, send)
    except Exception as caught:
        error = fault(caught)
    return {**_response(messages), "error": error, "request": scope.get("sessionlab.request")}


def _body(data: Any) -> bytes:
    return b"" if data is None else json.dumps(data).encode()


def _headers(given: dict[str, str] | None, body: bytes, options: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    headers = {"host": "bank.test", **{key.lower(): value for key, value in (given or {}).items()}}
    if body:
        headers.setdefault("content-type", "application/json")
        headers["content-length"] = str(len(body))
    return [(key.encode(), value.encode()) for key, value in headers.items()]


def _scope(
    method: str, target: str, headers: list[tuple[bytes, bytes]], state: dict[str, Any]
) -> dict[str, Any]:
    parts = urlsplit(target)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("bank.test", 80),
        "state": dict(state),
    }


def _receiver(body: bytes) -> Any:
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])
    never = asyncio.Event()

    async def receive() -> dict[str, Any]:
        message = next(messages, None)
        if message is None:
            await never.wait()  # the client stays to the end
        return message or {}

    return receive


def _response(messages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    start = next((m for m in messages if m["type"] == "http.response.start"), None)
    bodies = [m for m in messages if m["type"] == "http.response.body"]
    return {
        "status": start["status"] if start else None,
        "headers": {k.decode("latin-1"): v.decode("latin-1") for k, v in start.get("headers", [])}
        if start
        else {},
        "body": b"".join(m.get("body", b"") for m in bodies).decode("utf-8", "replace") if start else None,
        "complete": bool(bodies) and not bodies[-1].get("more_body", False),
    }


class Lifespan:
    """An application between start-up and shutdown."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.state: dict[str, Any] = {}
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the application.

        Raises what its start-up raises, or RuntimeError if it only says that it failed.
        """
        self._task = asyncio.create_task(self._run())
        await self._ask("startup")

    async def stop(self) -> None:
        """Shut the application down.

        Raises what its shutdown raises, or RuntimeError if it only says that it failed.
        """
        if self._task is not None and not self._task.done():
            await self._ask("shutdown")
            await self._task

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        await self.app(scope, self._inbox.get, self._answers.put)

    async def _ask(self, phase: str) -> None:
        assert self._task is not None
        self._inbox.put_nowait({"type": f"lifespan.{phase}"})
        answer = asyncio.create_task(self._answers.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"].endswith("complete"):
            return
        if not answer.done():
            answer.cancel()
        await self._task  # raises what the application raised
        raise RuntimeError(f"the application's {phase} failed")
