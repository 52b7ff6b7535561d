"""Runs of notebooks are come to once: what is kept is what ran."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from small_course import GOOD, SLUG, lay

from sessionlab.course.cache import Cache
from sessionlab.course.lesson import find_lesson
from sessionlab.grader import notebook
from sessionlab.grader.kept_runs import Ending, KeptRuns

CELLS = [
    new_markdown_cell("# Two lines\n\nof prose", id="prose"),
    new_code_cell("import os\nprint(os.getcwd())", id="prints"),
]


@pytest.fixture
def lesson(tmp_path):
    course = lay(tmp_path / "course")
    (course / "solutions").mkdir(exist_ok=True)
    (course / "solutions" / f"{SLUG}.py").write_text(GOOD)
    (course / "notebooks").mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=CELLS), course / "notebooks" / f"{SLUG}.ipynb")
    return find_lesson(course, SLUG)


@pytest.fixture
def ran(monkeypatch):
    """The notebooks that were run in a kernel."""
    noted, execute_node = [], notebook.execute_node

    def noting(node, *rest):
        noted.append(node)
        return execute_node(node, *rest)

    monkeypatch.setattr(notebook, "execute_node", noting)
    return noted


def test_a_run_that_is_kept_is_the_run_itself(lesson, tmp_path, ran):
    """The same cells, outputs and ending come back, and no kernel is started for them."""
    runs = KeptRuns(lesson.course, Cache(tmp_path / "cache"))
    first, again = runs.run(lesson, lesson.solution), runs.run(lesson, lesson.solution)
    assert len(ran) == 1
    assert again == first
    assert again.notebook.cells[1].outputs[0].text.strip() == str(lesson.notebook.parent)
    assert runs.ending(lesson, lesson.solution) == Ending()


def test_another_notebook_or_submission_is_run_anew(lesson, tmp_path, ran):
    """Its content counts, and not its name."""
    runs = KeptRuns(lesson.course, Cache(tmp_path / "cache"))
    runs.run(lesson, lesson.solution)
    lesson.solution.write_text(f"{GOOD}# more\n")
    runs.run(lesson, lesson.solution)
    runs.run(lesson, lesson.solution, new_notebook(cells=[new_code_cell("1 + 1", id="sum")]))
    assert len(ran) == 3


def test_a_run_that_fails_is_told_and_not_kept(lesson, tmp_path, ran):
    """A cell that fails for want of time or memory must not fail for a month."""
    runs = KeptRuns(lesson.course, Cache(tmp_path / "cache"))
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0", id="divides")]), lesson.notebook)
    for _ in range(2):
        ended = runs.ending(lesson, lesson.solution)
        assert (ended.stopped, ended.error) == ("divides", "ZeroDivisionError")
    assert len(ran) == 2
