"""Cells run in a real kernel, and what each of them put out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from sessionlab.grader.notebook import Executed, execute_node


@dataclass
class Output:
    """What one cell put out: text of every kind in one string, and what it raised."""

    text: str = ""
    html: str = ""
    mimes: list[str] = field(default_factory=list)
    error: str = ""
    traceback: list[str] = field(default_factory=list)


def run_cells(folder: Path, submission: Path, course: Path, **sources: str) -> dict[str, Output]:
    """Run cells, named by their ids, each even if one before it failed; return what they put out."""
    cells = [
        new_code_cell(source, id=name, metadata={"tags": ["raises-exception"]})
        for name, source in sources.items()
    ]
    executed = execute_node(notebook(cells), folder, submission, course)
    assert executed.passed, executed.text
    return outputs(executed)


def notebook(cells: list[NotebookNode]) -> NotebookNode:
    """Return a notebook of these cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def outputs(executed: Executed) -> dict[str, Output]:
    """Return what the cells of an executed notebook put out, by their ids."""
    return {cell.id: _output(cell.get("outputs", [])) for cell in executed.notebook.cells}


def _output(items: list[Any]) -> Output:
    output = Output()
    for item in items:
        if item.output_type == "stream":
            output.text += item.text
        elif item.output_type == "error":
            output.error, output.traceback = item.ename, item.traceback
        else:
            output.mimes += item.data
            output.text += item.data.get("text/plain", "") + "\n"
            output.html += item.data.get("text/html", "")
    return output
