"""What a lesson's README says about itself: the front matter between two lines of dashes, and the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import Malformed

if TYPE_CHECKING:
    import yaml  # type: ignore[import-untyped,unused-ignore]

PARTS = {
    1: "Raw sessions",
    2: "get_db",
    3: "Transactions",
    4: "Async",
    5: "Performance and pitfalls",
}
DATABASES = ("sqlite", "postgresql")
REQUIRED = ("part", "minutes", "belief")
KEYS = (*REQUIRED, "needs", "database")

_SHAPE = "a page starts with a line `---`, keys such as `minutes: 30`, a line `---`, and then `# Title`."


@dataclass(frozen=True)
class Entry:
    """The values of one key of the front matter, as they are written, and the line they stand in."""

    path: Path
    key: str
    line: int
    values: tuple[str, ...]
    is_list: bool

    def malformed(self, what: str, hint: str) -> Malformed:
        """Return the error that says what is wrong with this key."""
        return Malformed(self.path, self.line, f"`{self.key}` {what}", hint)

    def one(self) -> str:
        """Return the only value; raises Malformed for none, an empty one, or a list."""
        if self.is_list or not self.values[0].strip():
            raise self.malformed("is not one value", f"write one value, as in `{self.key}: …`.")
        return self.values[0].strip()

    def number(self, least: int, most: int) -> int:
        """Return the value as an integer; raises Malformed where it is none, or outside `least` … `most`."""
        text = self.one()
        if re.fullmatch("[0-9]{1,4}", text) and least <= int(text) <= most:
            return int(text)
        raise self.malformed(f"is {text!r}", f"write a whole number from {least} to {most}.")


@dataclass(frozen=True)
class FrontMatter:
    """The front matter of a lesson's README, and its title."""

    title: str
    part: int
    minutes: int
    belief: str
    needs: Entry | None
    database: tuple[str, ...]


def read_front(readme: Path) -> FrontMatter:
    """Return what the README says about its lesson; raises Malformed with file, line and reason."""
    lines = _text(readme).splitlines()
    end = _end_of_front(readme, lines)
    entries = _entries(readme, "\n".join(lines[1:end]))
    missing = [key for key in REQUIRED if key not in entries]
    if missing:
        names = ", ".join(f"`{key}`" for key in missing)
        raise Malformed(readme, 1, f"the front matter lacks {names}", _SHAPE)
    return FrontMatter(
        title=_title(readme, lines, end + 1),
        part=entries["part"].number(1, len(PARTS)),
        minutes=entries["minutes"].number(1, 600),
        belief=" ".join(entries["belief"].one().split()),
        needs=entries.get("needs"),
        database=_database(entries.get("database")),
    )


def _text(readme: Path) -> str:
    try:
        data = readme.read_bytes()
    except OSError as error:
        raise Malformed(
            readme, 1, f"the lesson's page can't be read: {error.strerror}", "each lesson has a README.md."
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(readme, line, "the page is not UTF-8", "save it as UTF-8.") from None


def _end_of_front(readme: Path, lines: list[str]) -> int:
    if not lines or lines[0].rstrip() != "---":
        raise Malformed(readme, 1, "the page does not start with its front matter", _SHAPE)
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return index
    raise Malformed(readme, 1, "the front matter does not end: there is no second line `---`", _SHAPE)


def _entries(readme: Path, text: str) -> dict[str, Entry]:
    """Scalars are taken as written: YAML 1.1 reads 010 as 8, and `yes` as true."""
    mapping = _compose(readme, text)
    entries: dict[str, Entry] = {}
    for key, value in mapping.value if mapping is not None else ():
        entry = _entry(readme, key, value)
        if entry.key not in KEYS:
            raise entry.malformed("is not a key of a lesson", _nearest(entry.key, KEYS))
        if entry.key in entries:
            raise entry.malformed(f"stands twice, first in line {entries[entry.key].line}", "keep one.")
        entries[entry.key] = entry
    return entries


def _compose(readme: Path, text: str) -> yaml.MappingNode | None:
    import yaml  # 20 ms, and most commands read no page

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 2 if mark else 1
        hint = 'a value with a colon or a leading special character needs quotes: `belief: "…"`.'
        raise Malformed(readme, line, f"the front matter is not YAML: {what}", hint) from None
    if node is not None and not isinstance(node, yaml.MappingNode):
        raise Malformed(readme, 2, "the front matter is not a list of keys and values", _SHAPE)
    return node


def _entry(readme: Path, key: yaml.Node, value: yaml.Node) -> Entry:
    import yaml  # imported by now

    line = key.start_mark.line + 2
    nodes = value.value if isinstance(value.value, list) else [value]
    scalars = [key, *nodes] if not isinstance(value, yaml.MappingNode) else [value]
    if not all(isinstance(node, yaml.ScalarNode) for node in scalars):
        raise Malformed(readme, line, "a key holds one value or a list of values", "take the nesting out.")
    return Entry(
        readme, key.value, line, tuple(node.value for node in nodes), isinstance(value, yaml.SequenceNode)
    )


def _database(entry: Entry | None) -> tuple[str, ...]:
    if entry is None:
        return DATABASES[:1]
    for name in entry.values:
        if name not in DATABASES:
            raise entry.malformed(f"names {name!r}", _nearest(name, DATABASES))
    if not entry.values or len(set(entry.values)) < len(entry.values):
        raise entry.malformed("is empty, or names one twice", f"choose from {', '.join(DATABASES)}.")
    return entry.values


def _title(readme: Path, lines: list[str], start: int) -> str:
    for line in _outside_fences(lines[start:]):
        if line.startswith("# ") and line.strip("# "):
            return re.sub(r"\s+#+$", "", line[2:].strip())
    raise Malformed(
        readme, start + 1, "the page has no title", "write it as `# Title` below the front matter."
    )


def _outside_fences(lines: list[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~") and fence in ("", mark):
            fence = "" if fence else mark
        elif not fence:
            yield line


def _nearest(name: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # only a slip needs it

    near = get_close_matches(name, known, 1, 0.5)
    return f"did you mean `{near[0]}`?" if near else f"the names are {', '.join(known)}."
