"""What Jupyter shows in the place of a traceback, where a traceback would say nothing more."""

from __future__ import annotations

from ..course.errors import WrongUse


class NotPassed(Exception):
    """The lesson's checks have not all passed; the verdict above says why. It stops "Run All"."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class Refused(WrongUse):
    """Wrong use in a notebook: the fact and the hint, with no traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class Broken(Exception):
    """The grader came to no verdict; the text says why, and whose fault it is."""

    def _render_traceback_(self) -> list[str]:
        return [
            f"The grader came to no verdict. {self}",
            "",
            "hint: please report it, with your file and the text above.",
        ]


class Stopped(KeyboardInterrupt):
    """The reader interrupted a check."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
