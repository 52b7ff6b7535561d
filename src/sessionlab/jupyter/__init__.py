"""The course in Jupyter: the magics `%check`, `%hint` and `%trace`, predictions, and plots as pictures."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 96


def load(ipython: Any) -> None:
    """Put the magics into an IPython shell, and let it show a matplotlib Figure as PNG.

    By itself it shows one only once pyplot has been imported, which no notebook needs.
    """
    from .magics import LessonMagics  # IPython and the grader: `predict` is to be had without

    ipython.register_magics(LessonMagics)
    formatter = ipython.display_formatter.formatters["image/png"]
    formatter.for_type_by_name("matplotlib.figure", "Figure", _png)


def _png(figure: Figure) -> tuple[bytes, dict[str, int]]:
    """Return the picture with twice the pixels, for fine screens, and the size to show it in."""
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=2 * _DPI)
    width, height = (round(_DPI * inches) for inches in figure.get_size_inches())
    return picture.getvalue(), {"width": width, "height": height}
