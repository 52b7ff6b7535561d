"""`sessionlab reset`: the starter afresh, with the learner's file backed up first."""

from __future__ import annotations

from ...course import work
from ...course.workplace import Workplace
from .. import ending
from ..lesson_name import LessonName
from ..terminal.paths import short_path
from ..terminal.screen import say, say_prose


def reset(lesson: LessonName) -> int:
    """Write a lesson's starter afresh; your file is backed up first."""
    place = Workplace.here()
    asked = place.lesson(lesson)
    backup = work.reset(asked, place.work)
    say_prose(f"{short_path(place.exercise(asked))} is the starter again.")
    if backup is not None:
        say("What you had is kept:")
        say(f"  {short_path(backup)}")
    return ending.PASSED
