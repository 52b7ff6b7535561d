"""A line is the program's own, or a library's."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import NoResultFound

from sessionlab.grader.host.faults import fault
from sessionlab.recorder.source_line import is_own


def test_a_compiled_library_s_lines_are_not_the_program_s():
    """SQLAlchemy's Cython frames name a path of the machine that built them; the error was raised here."""
    with pytest.raises(NoResultFound) as caught, create_engine("sqlite://").connect() as connection:
        connection.execute(text("SELECT 1 WHERE 0")).one()
    assert [frame["file"] for frame in fault(caught.value)["frames"]] == [Path(__file__).name]


def test_a_file_that_is_gone_is_still_the_program_s(tmp_path):
    """What was loaded from an absolute path needs no file any more."""
    assert is_own(str(tmp_path / "exercise.py"))
