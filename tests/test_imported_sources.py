"""What a verdict's key counts of the engine: the sources that are imported, and no others."""

from pathlib import Path

from sessionlab.grader.imported_sources import imported_sources


def test_imports_inside_functions_and_relative_ones_count_and_others_do_not(tmp_path: Path) -> None:
    """What is imported, at whatever depth and in whatever form, is found; what nobody imports is not."""
    package = tmp_path / "pack"
    (package / "low").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "low" / "__init__.py").write_text("from . import beside\n")
    (package / "low" / "beside.py").write_text("import json\n")
    (package / "low" / "late.py").write_text("")
    (package / "top.py").write_text("def f():\n    from .low.late import x\n")
    (package / "site.py").write_text("import pack.top\n")
    found = imported_sources(package, ["pack.top"])
    assert set(found) == {"pack", "pack.top", "pack.low", "pack.low.late", "pack.low.beside"}
