"""Frames: length-capped JSON messages over a pair of pipes. No frame states a verdict."""

from __future__ import annotations

import json
import os
import struct
import threading
from typing import Any, BinaryIO

LIMIT = 16 * 1024 * 1024
_HEAD = struct.Struct(">I")


class BadFrame(Exception):
    """What came over the pipe is not a frame."""


class Channel:
    """Reads and writes frames; writing is safe from several threads."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Write one frame.

        Raises:
            BadFrame: the message is larger than 16 MiB or no JSON.
            OSError: the other side is gone.
        """
        try:
            data = json.dumps(message).encode("utf-8", "surrogatepass")
        except (TypeError, ValueError, RecursionError) as error:
            raise BadFrame(f"the message is no JSON: {error}") from error
        if len(data) > LIMIT:
            raise BadFrame(f"a frame of {len(data):,} bytes is over the limit of {LIMIT:,}")
        with self._lock:
            self._sink.write(_HEAD.pack(len(data)) + data)
            self._sink.flush()

    def receive(self) -> dict[str, Any] | None:
        """Return the next frame, or None at the end of the pipe.

        Raises:
            BadFrame: the length is over the limit, or the content is not a JSON object.
        """
        head = self._source.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        (size,) = _HEAD.unpack(head)
        if size > LIMIT:
            raise BadFrame(f"a frame of {size:,} bytes is over the limit of {LIMIT:,}")
        data = self._source.read(size)
        return _parsed(data) if len(data) == size else None


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        message = json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"the frame is no JSON: {error}") from error
    if not isinstance(message, dict):
        raise BadFrame("the frame is no JSON object")
    return message


def take_standard_streams() -> Channel:
    """Return a channel over this process's standard input and output, and leave neither to the program.

    Both are duplicated to descriptors of their own, which no child inherits; then standard input reads
    nothing, and standard output goes where standard error goes.
    """
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return Channel(os.fdopen(source, "rb"), os.fdopen(sink, "wb"))
