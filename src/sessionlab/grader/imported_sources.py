"""Which of the package's own modules a module imports, read from the sources: nothing is imported to find out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path


def imported_sources(package: Path, modules: Iterable[str]) -> dict[str, Path]:
    """Return the sources of these modules and of all they import from their package, by dotted name.

    `package` is the package's folder. Imports inside functions count, those apart of the packages around a module:
    Python runs their `__init__`, and calls nothing in it. What belongs to other packages, or is not there, is left out.
    """
    found: dict[str, Path] = {}
    called: set[str] = set()
    ahead = [(name, True) for name in modules]
    while ahead:
        name, whole = ahead.pop()
        path = _source(package, name)
        if path is None or name in called or (name in found and not whole):
            continue
        found[name] = path
        called |= {name} if whole else set()
        ahead += [(imported, True) for imported in _imports(name, path, whole)]
        ahead += [(name.rpartition(".")[0], False)]
    return found


def _source(package: Path, name: str) -> Path | None:
    top, *rest = name.split(".")
    place = package.joinpath(*rest)
    sources = (place / "__init__.py", place.parent / f"{place.name}.py")
    return next((path for path in sources if path.is_file()), None) if top == package.name else None


def _imports(name: str, path: Path, whole: bool) -> Iterator[str]:
    """Yield each name that may be a module: of `from a import b` both a and a.b."""
    around = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree) if whole else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = around[: len(around) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            # `from a import b` runs a; what stands in its functions is called only where b is one of them.
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))
