"""The pool's occupancy as a plot: connections out in steps, those waited for on top, the limit as a line."""

import io

import pytest
import sample_traces as samples
from matplotlib.colors import to_rgb
from sample_traces import e, trace

from sessionlab.drawing import occupancy
from sessionlab.recorder import trace as kinds
from sessionlab.recorder.trace import Trace


def _curve(figure) -> list[tuple[float, float]]:
    line = next(line for line in figure.axes[0].lines if line.get_label().startswith("connections out"))
    return list(zip(*line.get_data(), strict=True))


def _labels(figure) -> list[str]:
    return figure.axes[0].get_legend_handles_labels()[1]


def test_the_curve_is_what_was_out_after_each_step():
    """A step plot: a check-out raises it, a check-in lowers it, nothing else does."""
    counts = [count for _, count in _curve(occupancy(samples.sound(), by_event=True))]
    assert counts == [0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]


def test_a_leak_stays_up_to_the_end():
    """The last point holds what is still out."""
    assert _curve(occupancy(samples.leak(), by_event=True))[-1][1] == 1


def test_thirty_requests_at_once_reach_thirty():
    """The height is how many were out at one time."""
    assert max(count for _, count in _curve(occupancy(samples.concurrent(30)))) == 30


def test_time_is_in_milliseconds_and_events_in_steps():
    """The same trace, over two axes."""
    made = samples.sound()
    by_time, by_event = occupancy(made), occupancy(made, by_event=True)
    assert _curve(by_time)[4][0] == pytest.approx(made[4].at * 1000)
    assert _curve(by_event)[4][0] == made[4].n
    assert (by_time.axes[0].get_xlabel(), by_event.axes[0].get_xlabel()) == ("milliseconds", "step")


def test_a_trace_without_times_is_drawn_by_its_steps():
    """A published trace carries no wall time, so that it is the same in each run."""
    assert occupancy(samples.sound().published()).axes[0].get_xlabel() == "step"


def test_who_waits_stands_on_top_of_what_is_out():
    """Two are out and one waits: three are wanted, of a pool that gives two."""
    figure = occupancy(samples.gave_up(), size=2)
    (band,) = [c for c in figure.axes[0].collections if c.get_label() == "waiting for one"]
    assert band.get_datalim(figure.axes[0].transData).y1 == 3
    assert _labels(figure) == ["connections out", "waiting for one", "the pool's limit: 2"]


def test_a_sound_program_shows_nobody_waiting_and_no_limit_that_was_not_given():
    """A connection that is got at once is no wait."""
    assert _labels(occupancy(samples.sound())) == ["connections out"]


def test_two_engines_have_a_curve_each():
    """A pool belongs to one engine: their connections don't add up."""
    first, second = samples.post("r1", "s1", "c1"), samples.post("r2", "s2", "c2")
    made = trace(*first, *((kind, {**fields, "engine": 2}) for kind, fields in second))
    assert _labels(occupancy(made)) == ["connections out, engine 1", "connections out, engine 2"]


def test_who_waits_for_one_engine_does_not_wait_for_the_other():
    """A wait belongs to the pool that has none left."""
    other = [(kind, {**fields, "engine": 2}) for kind, fields in samples.post("r9", "s9", "c9")]
    made = trace(*other, e(kinds.CHECKED_OUT, "r1 c1"), e(kinds.CONNECTION_WANTED, "r2"))
    assert _labels(occupancy(made)) == [
        "connections out, engine 1",
        "waiting for one, engine 1",
        "connections out, engine 2",
    ]


@pytest.mark.parametrize("page", ["#ffffff", "#1e2129"])
def test_every_colour_stands_out_on_light_and_on_dark(page):
    """A contrast of at least 3:1, which WCAG asks of graphics (success criterion 1.4.11)."""
    figure = occupancy(samples.deadlock(), size=2)
    axes = figure.axes[0]
    colours = [line.get_color() for line in axes.lines] + [axes.xaxis.label.get_color()]
    colours += [
        collection.get_edgecolor()[0][:3] for collection in axes.collections if collection.get_hatch()
    ]
    assert len(colours) == 4
    assert min(_contrast(to_rgb(colour), to_rgb(page)) for colour in colours) >= 3


def _contrast(one, other) -> float:
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_background_is_the_page_s():
    """Nothing is painted behind the plot."""
    figure = occupancy(samples.sound())
    assert figure.patch.get_alpha() == 0
    assert figure.axes[0].patch.get_alpha() == 0


@pytest.mark.parametrize("name", [*samples.ALL, "nothing"])
def test_every_plot_can_be_saved(name):
    """Also that of an empty trace; without pyplot, no window and no figure stays behind."""
    made = Trace() if name == "nothing" else samples.ALL[name]()
    picture = io.BytesIO()
    occupancy(made).savefig(picture, format="svg")
    assert picture.getvalue().startswith(b"<?xml")
