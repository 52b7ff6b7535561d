"""Fixtures that several files share."""

import shutil
from pathlib import Path

import pytest
from cli_course import ADDED, BOTH_WRONG, KEPT, LENDING, lay_course, sessionlab, write_exercise


@pytest.fixture(scope="session")
def checked_once(tmp_path_factory) -> Path:
    """A course whose lessons have been checked: 01 with two mistakes and then without, 02 with one."""
    course = lay_course(tmp_path_factory.mktemp("checked") / "course")
    write_exercise(course, KEPT, LENDING)
    for source, code in ((BOTH_WRONG, 1), (ADDED, 0)):
        write_exercise(course, source)
        assert sessionlab(course, "check", "01").returncode == code
    assert sessionlab(course, "check").returncode == 1
    return course


@pytest.fixture
def checked(checked_once, tmp_path) -> Path:
    """A copy of that course: its verdicts hold there as well, since they belong to the files' content."""
    return shutil.copytree(checked_once, tmp_path / "checked")
