"""What a user is told when a name, a folder or a file is not what it should be."""

import pickle

from sessionlab.course.errors import Malformed, WrongUse


def test_a_wrong_use_reads_as_fact_blank_line_hint():
    """The fact with its reason comes first, then what to do."""
    assert str(WrongUse("It is red, for it was painted.", "paint it blue.")) == (
        "It is red, for it was painted.\n\nhint: paint it blue."
    )


def test_a_malformed_file_is_named_with_its_line():
    """`path:line:` is what editors and terminals turn into a link."""
    error = Malformed("a/b.py", 7, "it is empty", "fill it.")
    assert error.fact == "a/b.py:7: it is empty"
    assert error.line == 7


def test_errors_survive_a_trip_to_another_process():
    """Unpickled, an error has the same fact, hint, path and line."""
    for error in (WrongUse("fact", "hint"), Malformed("a.py", 3, "what", "hint")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
