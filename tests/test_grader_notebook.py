"""Running a notebook from top to bottom."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from kernel_cells import notebook, outputs
from nbformat import ValidationError
from nbformat.v4 import new_code_cell, new_markdown_cell

from sessionlab.grader import notebook as module
from sessionlab.grader.notebook import Executed, execute, execute_node

ABOUT = """import os, sys
print(os.getpid(), sys.executable, os.getcwd(), os.environ["SESSIONLAB_SUBMISSION"], sep="\\n")
"""


def run(folder: Path, *sources: str) -> Executed:
    """Run code cells c1, c2, … below a title."""
    cells = [new_code_cell(source, id=f"c{number}") for number, source in enumerate(sources, start=1)]
    node = notebook([new_markdown_cell("# Title", id="title"), *cells])
    return execute_node(node, folder, folder / "mine.py", folder)


def test_the_kernel_is_this_python_in_the_notebooks_folder_and_gone_afterwards(tmp_path):
    """Another kernel that is called python3 is not taken, and none stays behind."""
    executed = run(tmp_path, ABOUT)
    pid, executable, folder, submission = outputs(executed)["c1"].text.splitlines()
    assert (executable, Path(folder)) == (sys.executable, tmp_path)
    assert submission == str(tmp_path / "mine.py")
    assert not psutil.pid_exists(int(pid))
    assert executed.passed


def test_a_cell_that_fails_ends_the_run_and_is_named(tmp_path):
    """What ran before has its output, what comes after has none."""
    executed = run(tmp_path, "print('before')", "1 / 0", "print('after')")
    assert (executed.stopped, executed.error, executed.text) == (
        "c2",
        "ZeroDivisionError",
        "division by zero",
    )
    shown = outputs(executed)
    assert (shown["c1"].text, shown["c3"].text) == ("before\n", "")
    assert not executed.passed


def test_a_cell_that_is_meant_to_fail_does_not_end_the_run(tmp_path):
    """The tag `raises-exception` says so."""
    cells = [
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}, id="c1"),
        new_code_cell("2", id="c2"),
    ]
    assert execute_node(notebook(cells), tmp_path, tmp_path / "mine.py", tmp_path).passed


def test_a_kernel_that_dies_is_told_of(tmp_path):
    """A crash is an outcome of the notebook, and no crash of whoever runs it."""
    executed = run(tmp_path, "import os; os._exit(3)")
    assert (executed.stopped, executed.error) == ("c1", "DeadKernelError")


def test_a_cell_without_end_is_told_of(tmp_path, monkeypatch):
    """After its time the run ends, names the cell, and leaves no kernel behind."""
    monkeypatch.setattr(module, "CELL_SECONDS", 1)
    executed = run(tmp_path, ABOUT, "import threading; threading.Event().wait()")
    assert (executed.stopped, executed.error) == ("c2", "CellTimeoutError")
    assert not psutil.pid_exists(int(outputs(executed)["c1"].text.split()[0]))


def test_two_notebooks_run_at_once_in_threads(tmp_path):
    """Authors verify two lessons at a time, each in a thread of its own."""
    with ThreadPoolExecutor(2) as workers:
        both = list(workers.map(lambda number: run(tmp_path, f"print({number})"), (1, 2)))
    assert [outputs(executed)["c1"].text for executed in both] == ["1\n", "2\n"]


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    """The file is named by who calls; the error is nbformat's own."""
    path = tmp_path / "broken.ipynb"
    path.write_text('{"cells": [{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with pytest.raises(ValidationError):
        execute(path, tmp_path / "mine.py", tmp_path)
