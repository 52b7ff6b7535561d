"""Paths as they are shown: from the current folder, where they lie in it."""

from __future__ import annotations

from pathlib import Path


def short_path(path: Path) -> str:
    """Return a path as one would type it in the current folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
