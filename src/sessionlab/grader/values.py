"""How values cross between judge and host: by exact type, so that nothing passes for what it is not."""

from __future__ import annotations

import base64
import datetime as dt
import math
import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..recorder.exception_text import without_addresses

_PLAIN = (type(None), bool, int, str, float)
_TAG = "$"
_DEPTH = 40
_BYTES = (bytes, bytearray)
_brief = reprlib.Repr()
_brief.maxtuple = _brief.maxlist = _brief.maxdict = _brief.maxset = 12
_brief.maxstring, _brief.maxlong, _brief.maxother = 120, 60, 200
_TIMES: dict[str, Any] = {"datetime": dt.datetime, "date": dt.date, "time": dt.time}


@dataclass(frozen=True)
class Handle:
    """Names a live object that stays in the host."""

    id: int
    name: str = ""


@dataclass(frozen=True)
class Foreign:
    """What the judge sees of an object that does not cross: its class, a short repr, its ORM state if any."""

    cls: str
    text: str
    orm: str = ""
    dump: Any = None

    def __repr__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return f"{self.text} ({self.orm + ' ' if self.orm else ''}{self.cls})"


def encode(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON-ready data; what has no plain form becomes its class and a short repr."""
    kind = type(value)
    if kind is float and not math.isfinite(value):
        return {_TAG: "float", "text": str(value)}  # which JSON does not have
    if kind in _PLAIN:
        return value
    if kind in (list, tuple, dict) and depth < _DEPTH:
        return _encode_container(value, depth + 1)
    if kind is Handle:
        return {_TAG: "handle", "id": value.id, "name": value.name}
    # A signalling NaN raises where it is compared, in the judge.
    if kind is bytes or kind in _TIMES.values() or (kind is Decimal and not value.is_snan()):
        return _encode_scalar(value)
    return _encode_foreign(value)


def _encode_container(value: Any, depth: int) -> Any:
    if type(value) is list:
        return [encode(item, depth) for item in value]
    if type(value) is tuple:
        return {_TAG: "tuple", "items": [encode(item, depth) for item in value]}
    if all(type(key) is str and key != _TAG for key in value):
        return {key: encode(item, depth) for key, item in value.items()}
    return {_TAG: "dict", "items": [[encode(key, depth), encode(item, depth)] for key, item in value.items()]}


def _encode_scalar(value: Any) -> Any:
    if isinstance(value, bytes):
        return {_TAG: "bytes", "text": base64.b64encode(value).decode()}
    if isinstance(value, Decimal):
        return {_TAG: "Decimal", "text": str(value)}
    return {_TAG: type(value).__name__, "text": value.isoformat()}


def _encode_foreign(value: Any) -> Any:
    return {
        _TAG: "object",
        "class": f"{type(value).__module__}.{type(value).__qualname__}",
        "text": short_repr(value),
        "orm": _orm_state(value),
        "dump": _dump(value),
    }


def short_repr(value: Any, limit: int = 200) -> str:
    """Return the value's repr, cut to a length, without addresses; a repr that raises is named, not raised."""
    try:
        # The repr of a large container is as large, and takes as long; reprlib looks at its beginning alone.
        text = repr(value[:limit]) if isinstance(value, _BYTES) else _brief.repr(value)
    except BaseException as error:
        return f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    text = without_addresses(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _orm_state(value: Any) -> str:
    from sqlalchemy import inspect
    from sqlalchemy.orm import InstanceState

    state = inspect(value, raiseerr=False)
    if not isinstance(state, InstanceState):
        return ""
    return "attached" if state.session is not None else "detached"


def _dump(value: Any) -> Any:
    from pydantic import BaseModel

    if not isinstance(value, BaseModel):
        return None
    try:
        return value.model_dump(mode="json")
    except Exception:  # a submission's own serializer may raise anything; its repr is told instead
        return None


def decode(data: Any, live: Callable[[int], Any] | None = None) -> Any:
    """Return the value that `encode` wrote. `live` gives the object that a handle names.

    Raises:
        KeyError, TypeError, ValueError: the data is not of `encode`'s form.
    """
    if isinstance(data, list):
        return [decode(item, live) for item in data]
    if not isinstance(data, dict):
        return data
    if _TAG not in data:
        return {key: decode(item, live) for key, item in data.items()}
    return _decode_tagged(data, live)


def _decode_tagged(data: dict[str, Any], live: Callable[[int], Any] | None) -> Any:
    kind = data[_TAG]
    if kind == "tuple":
        return tuple(decode(item, live) for item in data["items"])
    if kind == "dict":
        return {decode(key, live): decode(item, live) for key, item in data["items"]}
    if kind == "handle":
        return live(data["id"]) if live else Handle(data["id"], data["name"])
    if kind == "object":
        return Foreign(data["class"], data["text"], data["orm"], data["dump"])
    if kind == "bytes":
        return base64.b64decode(data["text"])
    if kind in ("Decimal", "float"):
        return (Decimal if kind == "Decimal" else float)(data["text"])
    return _TIMES[kind].fromisoformat(data["text"])
