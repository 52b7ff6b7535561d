"""Which of the package's own modules a module imports, read from the sources: nothing is imported to find out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path


def imported_sources(package: Path, modules: Iterable[str]) -> dict[str, Path]:
    """Return the sources of these modules and of all they import from their package, by dotted name.

    `package` is the package's folder. Imports inside functions count, and so do the packages around each module:
    Python runs their `__init__`. What belongs to other packages, or is not there, is left out.
    """
    found: dict[str, Path] = {}
    ahead = list(modules)
    while ahead:
        name = ahead.pop()
        path = _source(package, name)
        if path and name not in found:
            found[name] = path
            ahead += [*_imports(name, path), *([name.rpartition(".")[0]] if "." in name else [])]
    return found


def _source(package: Path, name: str) -> Path | None:
    top, *rest = name.split(".")
    place = package.joinpath(*rest)
    sources = (place / "__init__.py", place.parent / f"{place.name}.py")
    return next((path for path in sources if path.is_file()), None) if top == package.name else None


def _imports(name: str, path: Path) -> Iterator[str]:
    """Yield each name that may be a module: of `from a import b` both a and a.b."""
    around = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = around[: len(around) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
