"""The folder in which a submission that is a test file is run, and what the run leaves in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

EXERCISE = "exercise.py"


class RunFolder:
    """`work` holds the submission and the modules beside it, `tmp` what `tmp_path` gives, `temp` other temporaries.

    One folder serves several runs of a check, so that each meets what those before it have left.
    """

    def __init__(self, home: Path) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="run-", dir=home))
        self._given: dict[str, bytes] = {}
        for name in ("work", "temp"):
            (self.path / name).mkdir()

    def lay(self, source: bytes, modules: Mapping[str, str]) -> None:
        """Write the submission and the modules that it may import."""
        self._write("pytest.ini", b"[pytest]\n")  # so that none above this folder has a say
        self._write(f"work/{EXERCISE}", source)
        for name, text in modules.items():
            self._write(f"work/{name}", text.encode())

    def _write(self, name: str, data: bytes) -> None:
        (self.path / name).write_bytes(data)
        self._given[name] = data

    def left(self) -> list[str]:
        """Return the files outside `tmp` that are not as they were laid: new, changed, or gone."""
        names = {path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file()}
        ours = ("tmp/", "work/__pycache__/")
        new = {name for name in names if name not in self._given and not name.startswith(ours)}
        return sorted(new | {name for name, data in self._given.items() if self._bytes(name) != data})

    def remove(self) -> None:
        """Remove the folder; files that are still open somewhere go with the judge's own folder."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _bytes(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except OSError:
            return None
