"""Plots in a notebook that never imports pyplot: a figure is shown as the picture that it is."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 96


def show_figures(ipython: Any) -> None:
    """Let the shell show a Figure as PNG. It does so by itself only once pyplot has been imported."""
    formatter = ipython.display_formatter.formatters["image/png"]
    formatter.for_type_by_name("matplotlib.figure", "Figure", _png)


def _png(figure: Figure) -> tuple[bytes, dict[str, int]]:
    """Return the picture with twice the pixels, for fine screens, and the size to show it in."""
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=2 * _DPI)
    width, height = (round(_DPI * inches) for inches in figure.get_size_inches())
    return picture.getvalue(), {"width": width, "height": height}
