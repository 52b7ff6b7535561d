"""Turns a notebook that has run into Markdown: diagrams as figures, plots as pictures, no word of this machine."""

from __future__ import annotations

import re
from base64 import b64decode
from html import escape
from typing import Any

from nbconvert.exporters import MarkdownExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from .figure import figure
from .markdown import fenced

_GRADES = re.compile(r"^\s*%(check|hint|trace)\b", re.MULTILINE)
_TITLE = re.compile(r"^# .+$", re.MULTILINE)
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_ELSEWHERE = re.compile(r"\]\((?:\.\./)+lessons/")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_YOURS = "*Your copy grades your own file here, and shows what it did.*\n"


def lab_page(notebook: NotebookNode, number: str) -> tuple[str, dict[str, bytes]]:
    """Return a notebook's page as Markdown, and its pictures by name."""
    published = _Published(number=number)
    exporter = MarkdownExporter()
    exporter.register_preprocessor(published, enabled=True)
    markdown, _ = exporter.from_notebook_node(notebook)
    return _with_intro(_ELSEWHERE.sub("](../", markdown), number), published.pictures


def _with_intro(markdown: str, number: str) -> str:
    intro = f"This is the notebook as it ran when these pages were made.\nYour own copy: `sessionlab lab {number}`.\n"
    if not _TITLE.match(markdown.lstrip()):
        return f"# {number} · Lab\n\n{intro}\n{markdown}"
    return _TITLE.sub(lambda match: f"{match[0]}\n\n{intro}", markdown.lstrip(), count=1)


class _Published(Preprocessor):
    """Makes each output one piece of Markdown."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.pictures: dict[str, bytes] = {}
        self._number = number
        self._heading = ""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook with what each cell shows in the place of its outputs."""
        nb.metadata.setdefault("language_info", {"name": "python"})
        nb.cells = [made for cell in nb.cells for made in self._cell(cell)]
        return nb, resources

    def _cell(self, cell: NotebookNode) -> list[NotebookNode]:
        if cell.cell_type != "code":
            self._heading = next(iter(_HEADING.findall(cell.source)), self._heading)
            return [cell]
        if _GRADES.search(cell.source):
            cell.outputs = []
            return [cell, new_markdown_cell(_YOURS)]
        texts = [text for output in _joined(cell.outputs) if (text := self._markdown(output, cell))]
        cell.outputs = [new_output("display_data", data={"text/markdown": text}) for text in texts]
        return [cell]

    def _markdown(self, output: NotebookNode, cell: NotebookNode) -> str:
        if output.output_type == "stream":
            return _text(output.text)
        if output.output_type == "error":
            return _text(f"{output.ename}: {output.evalue}")
        data = output.data
        if "text/vnd.mermaid" in data:
            alt = "Sequence diagram of what the cell above did; the same stands below as text."
            return figure(data["text/vnd.mermaid"], data.get("text/plain", "").splitlines(), alt)
        if "image/png" in data:
            return self._picture(data["image/png"], output.get("metadata", {}).get("image/png", {}), cell)
        if "text/html" in data:
            return f'<div class="output">\n{data["text/html"]}\n</div>\n'
        return str(data["text/markdown"]) if "text/markdown" in data else _text(data.get("text/plain", ""))

    def _picture(self, picture: str, about: Any, cell: NotebookNode) -> str:
        name = f"lab-{len(self.pictures) + 1}.png"
        self.pictures[name] = b64decode(picture)
        alt = cell.metadata.get("alt") or f"Plot: {self._heading}"
        size = "".join(f' {side}="{about[side]}"' for side in ("width", "height") if side in about)
        return f'<img class="plot" src="../{name}" alt="{escape(alt)}"{size} loading="lazy">\n'


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs with neighbouring pieces of one stream joined: how it is cut depends on the moment."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _text(text: str) -> str:
    lines = _ANSI.sub("", text).rstrip().splitlines()
    return fenced(lines, "text { .output }") if lines else ""
