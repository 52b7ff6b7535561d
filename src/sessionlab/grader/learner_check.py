"""Check a file for a learner: grade it, and keep the verdict under the files that it was given on."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..course import progress as cache
from ..course.answers import submitted
from ..course.last_run import remember
from ..course.lesson import Lesson
from .front_end import Front, Progress
from .verdict_document import Verdict


@dataclass(frozen=True)
class Checked:
    """A verdict, and which source it is on.

    `source` is the SHA-256 of what was judged; `key` is that of the cache, or empty where the file was saved
    while it was judged, so that the verdict is on a version that is gone.
    """

    lesson: Lesson
    verdict: Verdict
    source: str
    key: str

    @property
    def outdated(self) -> bool:
        """Whether the file was saved while it was judged."""
        return not self.key

    def keep(self, work: Path) -> None:
        """Store the verdict: as the lesson's last one, and as what its files came to."""
        document = self.verdict.to_json()
        if self.key:
            cache.store(work, self.lesson, self.key, document)
        remember(work, self.lesson, document, self.source)


def check_file(
    front: Front,
    lesson: Lesson,
    submission: Path,
    database: str | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Grade a file by a lesson's suite, on the lesson's first database unless another is named.

    Raises:
        JudgeBroken: the judge came to no verdict.
        Malformed: the lesson's page does not say which databases it runs on, or an answer is not as it should be.
    """
    database = database or lesson.database[0]
    before = _state(lesson, submission, database)
    verdict = front.grade(lesson.slug, submission, database, progress)
    same = before == _state(lesson, submission, database) and before[1] == front.hash
    return Checked(lesson, verdict, front.hash, before[0] if same else "")


def digest(submission: Path) -> str:
    """Return the SHA-256 of what is graded of a file; "" where it can't be read. Raises Malformed."""
    try:
        return sha256(submitted(submission)).hexdigest()
    except OSError:
        return ""


def _state(lesson: Lesson, submission: Path, database: str) -> tuple[str, str]:
    return cache.key(lesson, submission, database), digest(submission)
