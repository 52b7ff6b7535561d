"""A mutant is one definition in the place of the one of the same name; whatever else it is, is told with its place."""

import pytest

from sessionlab.course.errors import Malformed
from sessionlab.course.mutants import read_mutant

GIVEN = '''"""A till.

1. `add` adds.
2. `take` takes,
   and never below 0.
"""

LEAST = 0


def add(a, b):
    return a + b


@staticmethod
def take(a, b):
    return max(a - b, LEAST)  # the till's floor


class Till:
    size = 1
'''

MUTANT = '''"""Nobody looks at the floor.

breaks: 2
suffered: The till owes
    you money.
"""

import math

from till import LEAST

import operator


def take(a, b):
    return operator.sub(a, b)  # wrong: no floor
'''


@pytest.fixture
def read(tmp_path):
    """Read a mutant of the till, or of another source."""

    def reading(mutant=MUTANT, given=GIVEN):
        (tmp_path / "till.py").write_text(given)
        (tmp_path / "no_floor.py").write_text(mutant)
        return read_mutant(tmp_path / "no_floor.py", (tmp_path / "till.py",))

    return reading


def test_a_mutant_takes_the_place_of_the_definition_so_named(read):
    """The rest of the module stays as it is, byte for byte, and imports of the mutant's own come along."""
    replaced = "@staticmethod\ndef take(a, b):\n    return max(a - b, LEAST)  # the till's floor\n"
    instead = "import operator\n\n\ndef take(a, b):\n    return operator.sub(a, b)  # wrong: no floor\n"
    assert read().source == GIVEN.replace(replaced, instead)


def test_a_mutant_says_what_it_breaks_and_what_comes_of_it(read):
    """The promise is the given module's own sentence, whole."""
    mutant = read()
    assert (mutant.name, mutant.module, mutant.breaks) == ("no_floor", "till.py", 2)
    assert mutant.what == "Nobody looks at the floor."
    assert mutant.suffered == "The till owes you money."
    assert mutant.promise == "`take` takes, and never below 0."


def test_the_difference_is_shown_as_a_diff(read):
    """Only what the mutant changes is in it."""
    first, second, *lines = read().diff().splitlines()
    assert (first, second) == ("--- till.py", "+++ no_floor.py")
    assert [line for line in lines if line.startswith(("+", "-"))] == [
        "-@staticmethod",
        "+import operator",
        "+",
        "+",
        "-    return max(a - b, LEAST)  # the till's floor",
        "+    return operator.sub(a, b)  # wrong: no floor",
    ]


def test_a_class_can_be_replaced(read):
    """A mutant is a function or a class."""
    mutant = read(MUTANT[: MUTANT.index("def take")] + "class Till:\n    size = 2\n")
    assert mutant.source.endswith("class Till:\n    size = 2\n")


@pytest.mark.parametrize(
    ("mutant", "given", "what"),
    [
        (MUTANT + "\ndef more(): pass\n", GIVEN, "there are 2 definitions in the place of one"),
        (MUTANT[: MUTANT.index("def take")], GIVEN, "there are 0 definitions in the place of one"),
        (MUTANT.replace("def take", "def give"), GIVEN, "till.py defines 'give' 0 times"),
        (MUTANT, GIVEN + "\ndef take(): pass\n", "till.py defines 'take' 2 times"),
        (MUTANT.replace("from till", "from bank"), GIVEN, "there is not one import from a given module"),
        (MUTANT.replace("import math", "from till import add"), GIVEN, "there is not one import"),
        (MUTANT.replace("breaks: 2", "breaks: 3"), GIVEN, "`breaks: 3` names no promise; there are 1, 2"),
        (MUTANT.replace("breaks: 2\n", ""), GIVEN, "does not say what the mutant breaks"),
        (MUTANT.replace("breaks: 2", "breaks: two"), GIVEN, "does not say what the mutant breaks"),
        (MUTANT.replace("suffered:", "so:"), GIVEN, "does not say what the mutant breaks"),
        (MUTANT.replace("Nobody looks at the floor.", ""), GIVEN, "does not say what the mutant breaks"),
        (MUTANT.replace("def take(a", "def take(("), GIVEN, "the mutant does not parse"),
    ],
)
def test_a_malformed_mutant_is_told(read, mutant, given, what):
    """The error names the file and the reason."""
    with pytest.raises(Malformed) as raised:
        read(mutant, given)
    assert what in raised.value.fact
