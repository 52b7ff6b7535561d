"""A course of one small lesson with answers, a notebook and pages, for tests of the site."""

from __future__ import annotations

import json
from pathlib import Path

from cli_course import KEPT, LENDING, LENT, lay_course

WRONG = '"""A connection gives itself back.\n\nfails: gives_back\n"""\n\n' + KEPT.replace(
    "engine.connect()", "engine.connect()  # wrong: nobody gives it back"
)
RIGHT = '"""Unlike the solution: it says so twice."""\n\n' + LENT
PAGE = """
## Symptom

It hangs.

```trace
answer: wrong/kept.py
alt: A connection is checked out, and nothing follows.
```

The same, given back:

```trace
answer: right/lent.py
alt: A connection is checked out and checked in.
```

## The exercise

Borrow a connection, and give it back: a connection is checked out once.
"""
INDEX = "# Course\n\n<!-- the map of the course -->\n"
GLOSSARY = """# Glossary

## connection { #connection data-also="connections" }

A line to the database.

## check out { #check-out data-also="checked out" }

Borrow a connection.
"""
CODE = "print('recorded in the notebook')"


def lay_site(folder: Path) -> Path:
    """Lay the course in a folder, and return its root."""
    root = lay_course(folder)
    page = root / "lessons" / LENDING / "README.md"
    page.write_text(page.read_text("utf-8") + PAGE, "utf-8")
    answers = root / "checks" / "answers" / LENDING
    for name, source in (("wrong/kept.py", WRONG), ("right/lent.py", RIGHT)):
        (answers / name).parent.mkdir(parents=True, exist_ok=True)
        (answers / name).write_text(source, "utf-8")
    (root / "lessons" / "index.md").write_text(INDEX, "utf-8")
    (root / "lessons" / "glossary.md").write_text(GLOSSARY, "utf-8")
    write_notebook(root, CODE)
    return root


def write_notebook(root: Path, *cells: str) -> None:
    """Write the lesson's notebook with these code cells, and remove the other lesson's."""
    (root / "notebooks" / "01_adding.ipynb").unlink(missing_ok=True)
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {},
            "source": cell,
            "outputs": [],
            "execution_count": None,
        }
        for n, cell in enumerate(cells, start=1)
    ]
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Lending, tried"}
    notebook = {"cells": [title, *made], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks" / f"{LENDING}.ipynb").write_text(json.dumps(notebook), "utf-8")
