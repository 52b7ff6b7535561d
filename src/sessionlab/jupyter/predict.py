"""Predictions: made before an experiment, marked by the trace that the next `record()` block leaves."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from ..recorder import recorded_block
from ..recorder.trace import KINDS, Trace
from .errors import Refused
from .marking import Marked, mark
from .questions import QUESTIONS

__all__ = ["predict"]

ORDER = "order"


def predict(**predictions: Any) -> None:
    """Say what will happen inside the next `with record():` block; its trace then marks what you said.

    Each name is one of QUESTIONS, as in `predict(statements=1, connections_out=0)`. `order` is a list of kinds
    of event in the order in which each is first seen: `predict(order=["session opened", "statement"])`.
    `...` in the place of a value, or anywhere in the list, counts as "not predicted". A second call before
    the block takes the place of the first.

    Raises:
        Refused: a name is not one that a trace answers, or a value can't be its answer.
    """
    if not predictions:
        raise Refused(
            "predict() was asked for nothing.", f"predict some of {', '.join((*QUESTIONS, ORDER))}."
        )
    for name, value in predictions.items():
        _check(name, value)
    _waiting.wait(predictions)


class _Waiting:
    """The predictions that the next recording marks; a callback of the recorder."""

    predictions: dict[str, Any]

    def wait(self, predictions: dict[str, Any]) -> None:
        self.predictions = predictions
        if self not in recorded_block.ended:
            recorded_block.ended.append(self)

    def __call__(self, trace: Trace) -> None:
        recorded_block.ended.remove(self)
        _show(Marked([mark(name, value, trace) for name, value in self.predictions.items()]))


_waiting = _Waiting()


def _show(marked: Marked) -> None:
    from IPython.display import display

    display(marked)


def _check(name: str, value: Any) -> None:
    if name == ORDER:
        _check_order(value)
    elif name not in QUESTIONS:
        raise Refused(f"{name!r} is nothing that a trace answers.", _nearest(name, (*QUESTIONS, ORDER)))
    elif value is not ... and not QUESTIONS[name].takes(value):
        hint = f"write {QUESTIONS[name].wanted}; `...` where you do not want to predict it."
        raise Refused(f"{name}={value!r} can't be right or wrong.", hint)


def _check_order(value: Any) -> None:
    if value is ...:
        return
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < 2:
        raise Refused(f"order={value!r} is no order.", "write a list of two or more kinds of event.")
    told = [kind for kind in value if kind is not ...]
    for kind in told:
        if kind not in KINDS:
            raise Refused(f"{kind!r} is not a kind of event.", _nearest(str(kind), KINDS))
        if told.count(kind) > 1:
            raise Refused(
                f"{kind!r} stands in `order` twice.", "keep one: what counts is when it is first seen."
            )


def _nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."


# So that Tab and Shift-Tab offer the names.
predict.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=..., annotation=Any)
        for name in (*QUESTIONS, ORDER)
    ],
    return_annotation=None,
)
