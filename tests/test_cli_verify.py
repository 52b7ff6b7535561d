"""What `sessionlab verify` shows to authors."""

import io

from rich.console import Console

from sessionlab.cli.commands.verify import _matrix
from sessionlab.grader.verify import Finding


def test_a_narrow_terminal_folds_names_and_hides_no_check():
    """Every check has its column at 80, however long the names of the answers are."""
    checks = tuple(f"check_{number}" for number in range(1, 13))
    long = Finding(
        "lesson", "wrong/a_name_of_more_than_thirty_letters", checks, "A_MISTAKE_OF_THIRTY_LETTERS_OR_SO"
    )
    output = io.StringIO()
    Console(file=output, width=80).print(_matrix(checks, [long]))
    heading = next(line for line in output.getvalue().splitlines() if "submission" in line)
    assert heading.split() == ["submission", *map(str, range(1, 13)), "mistake"]
