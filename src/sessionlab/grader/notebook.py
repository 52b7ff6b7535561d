"""Run a notebook from top to bottom, in a kernel of its own, on a submission of one's choice."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from ..course.root import COURSE_VARIABLE, SUBMISSION_VARIABLE

CELL_SECONDS = 120


@dataclass(frozen=True)
class Executed:
    """A notebook with the outputs of the cells that ran, and where and why it stopped, if it did.

    `stopped` is the id of the cell that failed, `error` the name of the exception's class, `text` its message;
    all are empty where nothing failed.
    """

    notebook: NotebookNode
    stopped: str = ""
    error: str = ""
    text: str = ""

    @property
    def passed(self) -> bool:
        """Whether every cell ran, those apart that are meant to fail."""
        return not self.error


def execute(notebook: Path, submission: Path, course: Path) -> Executed:
    """Run a notebook as "Run All" does, with `submission` as the file that its `%check` grades.

    The kernel is this very Python, stands in the notebook's folder, and is gone afterwards, whatever happens.
    The file itself is only read. A cell that takes longer than CELL_SECONDS ends the run, as one that fails does.

    Raises:
        nbformat.ValidationError: the file is no notebook.
    """
    return execute_node(nbformat.read(notebook, as_version=4), notebook.parent, submission, course)


def execute_node(node: NotebookNode, folder: Path, submission: Path, course: Path) -> Executed:
    """Run a notebook that has been read already; its outputs are put into it. Otherwise as `execute`."""
    nbformat.validate(node)
    with TemporaryDirectory(prefix="sessionlab-", ignore_cleanup_errors=True) as sockets:
        client = NotebookClient(
            node,
            km=_kernel(Path(sockets)),
            timeout=CELL_SECONDS,
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
        )
        return _run(client, _environment(submission, course))


def _run(client: NotebookClient, environment: dict[str, str]) -> Executed:
    started: list[str] = []
    client.on_cell_execute = lambda cell, cell_index: started.append(cell["id"])
    try:
        client.execute(env=environment, cleanup_kc=True)
    except CellExecutionError as error:
        return Executed(client.nb, started[-1], error.ename, error.evalue)
    except (CellTimeoutError, DeadKernelError) as error:
        return Executed(client.nb, started[-1] if started else "", type(error).__name__, str(error))
    return Executed(client.nb)


def _kernel(sockets: Path) -> Any:
    """Return a kernel of this Python, wherever else kernels called python3 may be installed.

    Over sockets in a folder where the system has them: two kernels that start at once may pick one TCP port.
    """
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    if sys.platform != "win32":
        manager.transport = "ipc"
        manager.connection_file = str(sockets / "kernel.json")
        manager.ip = str(sockets / "kernel")
    return manager


def _environment(submission: Path, course: Path) -> dict[str, str]:
    own = {SUBMISSION_VARIABLE: str(submission.absolute()), COURSE_VARIABLE: str(course.absolute())}
    return {**os.environ, **own, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
