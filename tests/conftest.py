"""Fixtures that several files share."""

import shutil
from pathlib import Path

import pytest
from cli_course import ADDED, BOTH_WRONG, KEPT, LENDING, lay_course, sessionlab, write_exercise

from sessionlab.course.progress import engine_version

_checked: dict[str, Path] = {}


@pytest.fixture
def checked(tmp_path, tmp_path_factory) -> Path:
    """A course whose lessons have been checked: 01 with two mistakes and then without, 02 with one.

    It is a copy of one that is checked once: a verdict belongs to the files' content, wherever they lie, and to
    the engine, which somebody may be editing while the tests run.
    """
    engine = engine_version.__wrapped__()
    if engine not in _checked:
        _checked[engine] = _check(tmp_path_factory.mktemp("checked") / "course")
    return shutil.copytree(_checked[engine], tmp_path / "checked")


def _check(folder: Path) -> Path:
    course = lay_course(folder)
    write_exercise(course, KEPT, LENDING)
    for source, code in ((BOTH_WRONG, 1), (ADDED, 0)):
        write_exercise(course, source)
        assert sessionlab(course, "check", "01").returncode == code
    assert sessionlab(course, "check").returncode == 1
    return course
