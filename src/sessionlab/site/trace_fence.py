"""The fences of a page that ask for a recorded trace:

    ```trace
    answer: wrong/returned.py
    alt: One request opens a session, and nothing closes it.
    check: closed_after_success
    request: GET /accounts/1
    code: get_db
    ```

`answer` is a file of the lesson's answers, on a page outside the lessons with the lesson's slug before it. `check` is
the check that the answer was recorded in: by default the first one that it fails, and for an answer that fails none
the one that the page's nearest fence with a wrong answer draws, of which it then shows the same requests. `request`
narrows the trace to the first request or call that begins with this text, or to several: `GET /a and GET /b`. `code`
shows a function of the answer above the trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ..course.errors import Malformed

FENCE = re.compile(r"^```trace[ \t]*\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_KEYS = ("answer", "alt", "check", "request", "code")
_SHAPE = (
    "a trace fence has the lines `answer:` and `alt:`, and where needed `check:`, `request:` and `code:`."
)


@dataclass(frozen=True)
class Fence:
    """What one fence asks for, and where it stands: its file and line."""

    path: Path
    line: int
    answer: str
    alt: str
    check: str = ""
    request: str = ""
    code: str = ""

    @property
    def lesson(self) -> str:
        """The lesson's slug where `answer` names one, or ""."""
        return self.answer.split("/")[0] if self.answer.count("/") == 2 else ""

    @property
    def file(self) -> str:
        """The answer's name in its lesson, as in "wrong/returned.py"."""
        return "/".join(self.answer.split("/")[-2:])

    def malformed(self, what: str, hint: str) -> Malformed:
        """Return the error that says what is wrong with this fence."""
        return Malformed(self.path, self.line, what, hint)


def fences(path: Path, markdown: str, before: int = 0) -> Iterator[Fence]:
    """Yield the fences of a page in order; its text begins `before` lines below the file's start. Raises Malformed."""
    for match in FENCE.finditer(markdown):
        yield _fence(path, before + markdown.count("\n", 0, match.start()) + 1, match["body"])


def _fence(path: Path, line: int, body: str) -> Fence:
    values = _values(path, line, body)
    for key in ("answer", "alt"):
        if not values.get(key):
            raise Malformed(path, line, f"the trace fence has no `{key}:`", _SHAPE)
    if not re.fullmatch(r"([0-9]{2}\w+/)?(wrong|right)/\w+\.py", values["answer"]):
        hint = "name a file of the lesson's answers, as in `wrong/returned.py`."
        raise Malformed(path, line, f"`answer:` is {values['answer']!r}, which is no answer", hint)
    return Fence(path, line, **values)


def _values(path: Path, line: int, body: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, text in enumerate(body.splitlines(), start=line + 1):
        key, colon, value = (part.strip() for part in text.partition(":"))
        if key not in _KEYS or not colon:
            near = get_close_matches(key, _KEYS, 1)
            hint = f"did you mean `{near[0]}:`?" if near else _SHAPE
            raise Malformed(path, number, f"{text.strip()!r} is no line of a trace fence", hint)
        if key in values:
            raise Malformed(path, number, f"`{key}:` stands twice in one fence", "keep one.")
        values[key] = value
    return values
