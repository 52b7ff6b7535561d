"""What notebooks and suites may import of sessionlab: a small face, and nothing behind it."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from sessionlab.databases import experiment_database
from sessionlab.databases.postgres import VARIABLE, PostgresError, availability

COURSE = Path(__file__).parents[1]
NOTEBOOKS = sorted((COURSE / "notebooks").glob("*.ipynb"))
SUITES = sorted((COURSE / "checks").glob("*.py"))
FACE = ("sessionlab", "sessionlab.databases", "sessionlab.verdict")
MAGIC_LINE = re.compile(r"^%.*$", re.MULTILINE)


def source(path: Path) -> str:
    """Return the code of a suite, or of all cells of a notebook, without its magics."""
    if path.suffix == ".py":
        return path.read_text("utf-8")
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return MAGIC_LINE.sub("", code)


def behind_the_face(code: str, face: tuple[str, ...]) -> Iterator[str]:
    """Yield what code imports of sessionlab and the modules of the face do not offer."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] == "sessionlab")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sessionlab":
            offered = importlib.import_module(node.module).__all__ if node.module in face else ()
            yield from (f"{node.module}.{name.name}" for name in node.names if name.name not in offered)


@pytest.mark.parametrize("module", FACE)
def test_everything_that_is_offered_exists_and_is_documented(module):
    """Each name of `__all__` is there, and says in a docstring of its own what it is."""
    face = importlib.import_module(module)
    assert face.__doc__
    assert [name for name in face.__all__ if not inspect.getdoc(getattr(face, name))] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_a_notebook_imports_the_face_alone(path):
    """Of sessionlab: what is recorded, predicted and drawn, and a database to experiment on."""
    assert list(behind_the_face(source(path), ("sessionlab", "sessionlab.databases"))) == []


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_a_suite_imports_the_face_alone(path):
    """Of sessionlab: what a verdict is made of."""
    assert list(behind_the_face(source(path), ("sessionlab.verdict",))) == []


def test_there_are_notebooks_and_suites():
    """The folders are found: the tests above are one for each file in them."""
    assert NOTEBOOKS
    assert SUITES


@pytest.mark.parametrize(
    "line",
    [
        "from sessionlab.drawing import lanes",
        "from sessionlab import recorder",
        "import sessionlab.recorder",
        "def f():\n    from sessionlab.databases.postgres import lease",
    ],
)
def test_what_reaches_behind_the_face_is_found(line):
    """A module behind it, a part of the package as a name, and an import inside a function."""
    assert len(list(behind_the_face(line, FACE))) == 1


def test_what_is_recorded_shows_itself_as_a_diagram():
    """`record` of the face is enough: nobody imports what draws."""
    code = "from sessionlab import record\nwith record() as recording: pass\nprint(*recording._repr_mimebundle_())"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["text/vnd.mermaid", "text/plain"]


def test_an_experiment_on_sqlite_leaves_nothing_behind(tmp_path):
    """The file lies in the folder that was named, and is gone with the block."""
    with experiment_database("sqlite", tmp_path) as database:
        engine = create_engine(database.url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE things (id INTEGER)"))
        engine.dispose()
        assert len(list(tmp_path.rglob("*.db"))) == 1
        assert (database.kind, str(database)) == ("sqlite", f"SQLite {database.version}")
    assert list(tmp_path.iterdir()) == []


def test_an_experiment_is_on_postgresql_where_there_is_one():
    """Else it is on SQLite; what was chosen is what the engine finds."""
    with experiment_database() as database:
        engine = create_engine(database.url)
        with engine.connect() as connection:
            assert connection.dialect.name == database.kind
        engine.dispose()
    assert database.kind == ("postgresql" if availability().usable else "sqlite")


def test_a_server_that_does_not_answer_is_not_passed_over(monkeypatch):
    """Who names a server of one's own is told that it is gone, as everywhere else."""
    monkeypatch.setenv(VARIABLE, "postgresql://nobody@127.0.0.1:1/postgres")
    with pytest.raises(PostgresError, match=r"does not answer(.|\n)*hint: "), experiment_database():
        pass


def test_a_kind_that_there_is_not_is_named():
    """A typing mistake does not choose a database."""
    with pytest.raises(ValueError, match="'mysql' is no kind of database"), experiment_database("mysql"):
        pass
