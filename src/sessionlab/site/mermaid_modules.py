"""Mermaid, as npm has installed it: the modules that the browser loads to draw the diagrams."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path("node_modules") / "mermaid" / "dist"
ENTRY = "mermaid.esm.min.mjs"
MISSING = (
    "Mermaid is not installed, so the traces are shown as text.\n"
    "hint: `npm ci` in the course's folder installs it; then build again."
)


def modules(course: Path) -> Iterator[tuple[str, str | Path]]:
    """Yield the modules, each by its address in the site and its place; without Mermaid one that offers none."""
    package = course / PACKAGE
    if not installed(course):
        yield f"assets/mermaid/{ENTRY}", "export default null\n"
        return
    yield f"assets/mermaid/{ENTRY}", package / ENTRY
    for path in sorted((package / "chunks" / "mermaid.esm.min").glob("*.mjs")):
        yield f"assets/mermaid/chunks/mermaid.esm.min/{path.name}", path


def installed(course: Path) -> bool:
    """Return whether npm has put Mermaid in place."""
    return (course / PACKAGE / ENTRY).is_file()
