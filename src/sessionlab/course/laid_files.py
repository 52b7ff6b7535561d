"""What the course laid into a work folder, so that a file the learner never touched can follow the course."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from .root import PRIVATE
from .whole_files import make_folder, replace


@dataclass
class LaidFiles:
    """Digests of the files as laid, by their names in the work folder. Without it, no file is refreshed."""

    work: Path
    digests: dict[str, str]
    changed: bool = False

    @classmethod
    def read(cls, work: Path) -> LaidFiles:
        """Return the work folder's record; a missing or damaged one is empty."""
        try:
            digests = json.loads(_file(work).read_bytes())
        except (OSError, ValueError, RecursionError):
            digests = {}
        return cls(work, digests if isinstance(digests, dict) else {})

    def write(self) -> None:
        """Write the record if anything was noted; raises WrongUse. Of two at once the last one stays."""
        if self.changed:
            make_folder(_file(self.work).parent)
            replace(_file(self.work), json.dumps(self.digests, indent=1, sort_keys=True).encode())

    def note(self, target: Path, data: bytes) -> None:
        """Take down that a file holds what the course laid."""
        if not self.has(target, data):
            self.digests[self._name(target)] = sha256(data).hexdigest()
            self.changed = True

    def knows(self, target: Path) -> bool:
        """Return whether the course has ever laid this file."""
        return self._name(target) in self.digests

    def has(self, target: Path, data: bytes) -> bool:
        """Return whether this is what the course last laid there."""
        return self.digests.get(self._name(target)) == sha256(data).hexdigest()

    def _name(self, target: Path) -> str:
        return target.relative_to(self.work).as_posix()


def _file(work: Path) -> Path:
    return work / PRIVATE / "laid.json"
