"""The occupancy of the pool over time, as a plot: how many connections are out, and who waits for one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate, cycle
from typing import TYPE_CHECKING

from ..recorder.trace import Trace
from .waits import occupied, waits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Of Okabe and Ito's palette, which colour-blind readers can tell apart, what has a contrast of 3:1 or more
# on white and on near-black alike: https://jfly.uni-koeln.de/color/
_COLOURS = ("#0072B2", "#009E73", "#CC79A7")
_WAITING = "#D55E00"
_GREY = "#808080"


def occupancy(trace: Trace, size: int | None = None, by_event: bool = False) -> Figure:
    """Return a plot of the connections that are out, in steps, and on top of them of those waited for.

    `size` draws a line at what the pool can give: `pool_size + max_overflow`. The horizontal axis is the time
    in milliseconds since the recording began; with `by_event` it is the step, which is the same in each run
    of the same program (and what a published trace is drawn by: it carries no time). The background is
    transparent, for light and dark pages.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.6), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    by_event = by_event or len({event.at for event in trace}) < 2
    pools = _pools(trace)
    for pool in pools:
        _draw(axes, pool, _until_the_end([event.n if by_event else event.at * 1000 for event in trace]))
    if size is not None:
        axes.axhline(size, color=_GREY, linestyle="--", linewidth=1.2, label=f"the pool's limit: {size}")
    _dress(axes, max([size or 0, *(pool.highest for pool in pools)]))
    axes.set_xlabel("step" if by_event else "milliseconds", color=_GREY)
    return figure


@dataclass(frozen=True, slots=True)
class _Pool:
    """How many connections of one engine are out, and how many are waited for, after each event."""

    name: str
    colour: str
    out: list[int]
    waiting: list[int]

    @property
    def wanted(self) -> list[int]:
        """How many connections there would have to be for nobody to wait."""
        return [out + waiting for out, waiting in zip(self.out, self.waiting, strict=True)]

    @property
    def highest(self) -> int:
        return max(self.wanted, default=0)


def _pools(trace: Trace) -> list[_Pool]:
    out = occupied(trace)
    engines = sorted({engine for counts in out.values() for engine in counts}, key=str)
    pools = [
        _Pool(
            f", engine {engine}",
            colour,
            [out[event.n].get(engine, 0) for event in trace],
            _waiting(trace, engine),
        )
        for engine, colour in zip(engines, cycle(_COLOURS), strict=False)
    ]
    used = [pool for pool in pools if pool.highest]
    return used if len(used) > 1 else [replace(pool, name="") for pool in used]


def _waiting(trace: Trace, engine: int | None) -> list[int]:
    changes = dict.fromkeys((event.n for event in trace), 0)
    for wait in waits(trace):
        if wait.wanted.engine == engine:
            changes[wait.wanted.n] += 1
            if wait.ended:
                changes[wait.ended.n] -= 1
    return list(accumulate(changes.values()))


def _until_the_end(at: list[float]) -> list[float]:
    """Return where each count begins to hold, and where the last one ends, which must have a width."""
    return [*at, at[-1] + max((at[-1] - at[0]) * 0.03, 0.01)] if at else []


def _draw(axes: Axes, pool: _Pool, at: list[float]) -> None:
    """Draw the connections that are out, and on top of them those that are waited for."""
    out, wanted = _lasting(pool.out), _lasting(pool.wanted)
    axes.step(at, out, where="post", color=pool.colour, linewidth=2, label=f"connections out{pool.name}")
    axes.fill_between(at, out, step="post", color=pool.colour, alpha=0.15, linewidth=0)
    if any(pool.waiting):
        label = f"waiting for one{pool.name}"
        axes.fill_between(
            at,
            out,
            wanted,
            step="post",
            facecolor="none",
            edgecolor=_WAITING,
            hatch="////",
            linewidth=0,
            label=label,
        )


def _lasting(counts: list[int]) -> list[int]:
    return [*counts, counts[-1]] if counts else []


def _dress(axes: Axes, highest: int) -> None:
    """Give the axes whole numbers, a colour that reads on light and dark, and a legend above them."""
    from matplotlib.ticker import MaxNLocator

    axes.patch.set_alpha(0)
    axes.set_ylim(0, max(highest, 1) + 0.3)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(colors=_GREY)
    for side, spine in axes.spines.items():
        spine.set_color(_GREY)
        spine.set_visible(side in ("left", "bottom"))
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, labelcolor=_GREY)
