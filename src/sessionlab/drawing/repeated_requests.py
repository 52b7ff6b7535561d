"""Which requests are like earlier ones, event by event, so that a picture need not show them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..recorder.trace import Event, Trace

_VALUES = re.compile(r"""'[^']*'|"[^"]*"|\d+""")


def like(trace: Trace, marked: set[int], kept: int, least: int) -> dict[int, int]:
    """Return, for each request that need not be shown, the request that it is like.

    Of at least `least` requests that did the same, the first `kept` are shown. `marked` are the steps that
    somebody should look at: two requests are not alike if one has such a step where the other has none.
    """
    groups: dict[object, list[int]] = {}
    for number, events in _by_request(trace).items():
        groups.setdefault(_shape(events, marked), []).append(number)
    return {number: group[0] for group in groups.values() if len(group) >= least for number in group[kept:]}


def _by_request(trace: Trace) -> dict[int, list[Event]]:
    requests: dict[int, list[Event]] = {}
    for event in trace:
        if event.request is not None:
            requests.setdefault(event.request, []).append(event)
    return requests


def _shape(events: Iterable[Event], marked: set[int]) -> object:
    """Return what alike requests share: neither numbers nor values, but which session did what."""
    seen: dict[tuple[str, int | None], int] = {}

    def own(family: str, number: int | None) -> int | None:
        return None if number is None else seen.setdefault((family, number), len(seen))

    return tuple(
        (
            event.kind,
            _VALUES.sub("?", event.text),
            event.data.get("status"),
            event.n in marked,
            own("session", event.session),
            own("connection", event.connection),
        )
        for event in events
    )
