"""The versions that CI was green on, and the ranges that the course promises."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

COURSE = Path(__file__).parents[1]
PROJECT = tomllib.loads((COURSE / "pyproject.toml").read_text("utf-8"))["project"]
ASKED = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
LOCKED = {
    canonicalize_name(name): version
    for name, version in re.findall(
        r"^([\w.-]+)==(\S+)$", (COURSE / ".ci" / "versions.txt").read_text("utf-8"), re.MULTILINE
    )
}


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_the_course_asks_for_is_locked_within_its_range(asked):
    """CI tries a version of each dependency that its users may get."""
    if asked.marker is not None and not asked.marker.evaluate():
        pytest.skip(f"not asked for here: {asked.marker}")
    assert canonicalize_name(asked.name) in LOCKED
    assert asked.specifier.contains(LOCKED[canonicalize_name(asked.name)])


def test_each_line_of_the_lock_is_one_version():
    """No line points to a file, an address or a range, which would be another version elsewhere."""
    lines = (COURSE / ".ci" / "versions.txt").read_text("utf-8").splitlines()
    assert len(LOCKED) == len([line for line in lines if not line.startswith("#")])
