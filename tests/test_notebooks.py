"""Every notebook of the course: how it is kept, and that it runs and tells the truth."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from kernel_cells import outputs
from nbformat import NotebookNode

from sessionlab.course.lesson import Lesson, lessons
from sessionlab.grader.kept_runs import KeptRuns

COURSE = Path(__file__).parents[1]
FOUND = sorted((COURSE / "notebooks").glob("*.ipynb"))
EACH = pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem[:2])
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
MAGIC_LINE = re.compile(r"^%.*$", re.MULTILINE)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def lesson_of(path: Path) -> Lesson:
    return next(lesson for lesson in lessons(COURSE) if lesson.slug == path.stem)


def prediction(source: str) -> ast.Call | None:
    """Return the call of predict() in a cell's source, if there is one."""
    calls = (node for node in ast.walk(ast.parse(MAGIC_LINE.sub("", source))) if isinstance(node, ast.Call))
    return next((call for call in calls if getattr(call.func, "id", "") == "predict"), None)


def told(cell: NotebookNode) -> dict[str, Any]:
    """Return what a cell's metadata says of its run: the `right` predictions, and what it `says` in print."""
    return cell.metadata.get("sessionlab", {})


def with_right_answers(node: NotebookNode) -> NotebookNode:
    """Predict in every cell what its metadata has as right."""
    for cell in node.cells:
        call = prediction(cell.source) if cell.cell_type == "code" else None
        if call is not None:
            segment = ast.get_source_segment(cell.source, call)
            cell.source = cell.source.replace(segment, f"predict(**{told(cell)['right']!r})")
    return node


def test_there_are_notebooks():
    """The folder is found: every other test here is one for each notebook in it."""
    assert FOUND


@EACH
def test_it_belongs_to_a_lesson(path):
    """One slug names the notebook and the lesson's folder."""
    assert path.stem in [lesson.slug for lesson in lessons(COURSE)]


@EACH
def test_it_is_valid_and_kept_without_outputs(path):
    """No output, no execution count, no word of the machine that it was written on."""
    node = read(path)
    nbformat.validate(node)
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert node.metadata == METADATA


@EACH
def test_a_change_of_it_reads_as_one(path):
    """The file is as nbformat writes it, so that a diff shows what was changed, and no more."""
    assert path.read_text("utf-8") == nbformat.writes(read(path)) + "\n"


@EACH
def test_its_cells_have_names_that_stay(path):
    """Ids are words that say what a cell is about, each once; generated ones would change with every copy."""
    ids = [cell.id for cell in read(path).cells]
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name)] == []


@EACH
def test_it_ends_with_its_check_and_nothing_before_touches_the_submission(path):
    """Only the last cell grades, and a failure there stops "Run All"."""
    *before, last = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert last.source == f"%check {path.stem[:2]}"
    assert "raises-exception" not in last.metadata.get("tags", [])
    for cell in before:
        assert not re.search(r"^%(check|hint|trace)|\bexercise\b|SESSIONLAB_", cell.source, re.MULTILINE)


@EACH
def test_its_predictions_are_left_to_the_learner(path):
    """Every value is `...` or a list that begins with it, and the cell's metadata holds the right one.

    {"sessionlab": {"right": {the keywords of predict}, "says": [what the cell prints, where prose relies on it]}}
    """
    asked = [cell for cell in read(path).cells if cell.cell_type == "code" and prediction(cell.source)]
    assert asked
    for cell in asked:
        call = prediction(cell.source)
        assert sorted(told(cell).get("right", {})) == sorted(word.arg for word in call.keywords), cell.id
        for word in call.keywords:
            first = word.value.elts[0] if isinstance(word.value, ast.List) else word.value
            assert ast.unparse(first) == "...", f"{cell.id}: {word.arg}"
    assert any("order" in told(cell)["right"] for cell in asked), "no experiment puts events into order"


@EACH
def test_it_runs_through_on_the_solution_and_tells_the_truth(path):
    """With every right answer predicted, the run marks each as right, and prints what the prose relies on."""
    node, lesson = read(path), lesson_of(path)
    executed = KeptRuns(COURSE).run(lesson, lesson.solution, with_right_answers(node))
    assert executed.passed, f"{executed.stopped}: {executed.error}: {executed.text}"
    shown = outputs(executed)
    for cell in (cell for cell in executed.notebook.cells if told(cell)):
        text = shown[cell.id].text
        assert len(re.findall("^✓ ", text, re.MULTILINE)) == len(told(cell).get("right", {})), text
        assert [line for line in told(cell).get("says", []) if line not in text] == []


@EACH
def test_it_stops_on_the_starter_at_its_check(path):
    """As it is, with nothing predicted, every cell runs up to the check, which says what is not passed."""
    lesson = lesson_of(path)
    executed = KeptRuns(COURSE).run(lesson, lesson.starter)
    last = executed.notebook.cells[-1]
    assert (executed.stopped, executed.error) == (last.id, "NotPassed"), executed.text
    code = [cell for cell in executed.notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert not json.dumps([cell.outputs for cell in code[:-1]]).count("✗ ")


@EACH
def test_it_leaves_nothing_behind(path):
    """What an experiment writes goes into a folder that the notebook makes, and removes before its check."""
    sources = [cell.source for cell in read(path).cells if cell.cell_type == "code"]
    assert any("TemporaryDirectory()" in source for source in sources)
    assert "folder.cleanup()" in sources[-2]
