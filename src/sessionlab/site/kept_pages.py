"""Pages that MkDocs renders once: what a page's Markdown came to is taken again until something that shapes it changes.

MkDocs has no event around rendering, so this stands in front of each page's `render`. It saves time and decides
nothing: for another site builder leave it out.
"""

from __future__ import annotations

import json
import logging
import platform
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, get_toc
from mkdocs.utils import CountHandler

from ..course.cache import Cache, contents, digest
from ..grader.fingerprint import versions

LIBRARIES = ("mkdocs", "Markdown", "pymdown-extensions", "Pygments")  # whose code turns Markdown into HTML
_NAME = "rendered.json"
_log = logging.getLogger("mkdocs")


def keep_rendered(cache: Cache, config: MkDocsConfig, files: Files) -> None:
    """Let each page take what is kept of it, and be rendered where there is nothing."""
    shape = _shape(config, files)
    for file in files.documentation_pages():
        if file.page is not None:
            file.page.render = partial(_render, file.page, cache, shape)  # type: ignore[method-assign]


def _shape(config: MkDocsConfig, files: Files) -> str:
    """Return a digest of what shapes every page: libraries, settings, and the files that links may lead to.

    A setting that makes an extension read files of its own, as snippets do, would have to come in here.
    """
    addresses = [f"{file.src_uri} {file.url} {file.inclusion}" for file in files]
    return digest(
        f"python {platform.python_version()}, {versions(LIBRARIES)}",
        contents([Path(__file__)]),
        repr((config.markdown_extensions, config.mdx_configs, config.validation, _log.getEffectiveLevel())),
        *sorted(addresses),
    )


def _render(page: Page, cache: Cache, shape: str, config: MkDocsConfig, files: Files) -> None:
    key = digest(shape, page.file.src_uri, page.markdown or "")
    kept = cache.get(key, _NAME)
    if kept is not None:
        _unpack(page, json.loads(kept), files)
    elif not _render_anew(page, config, files):  # what MkDocs said, the next build has to say too
        cache.put(key, _NAME, json.dumps(_packed(page)).encode())


def _render_anew(page: Page, config: MkDocsConfig, files: Files) -> bool:
    """Render a page, and return whether MkDocs had something to say about it."""
    said = CountHandler()
    _log.addHandler(said)
    try:
        Page.render(page, config, files)
    finally:
        _log.removeHandler(said)
    return bool(said.counts)


def _packed(page: Page) -> dict[str, Any]:
    """Return all that `Page.render` sets."""
    return {
        "content": page.content,
        "toc": _tokens(page.toc),
        "title": page._title_from_render,
        "ids": sorted(page.present_anchor_ids or ()),
        "links": {file.src_uri: anchors for file, anchors in (page.links_to_anchors or {}).items()},
    }


def _unpack(page: Page, kept: dict[str, Any], files: Files) -> None:
    page.content = kept["content"]
    page.toc = get_toc(kept["toc"])
    page._title_from_render = kept["title"]
    page.present_anchor_ids = set(kept["ids"])
    page.links_to_anchors = {files.src_uris[address]: anchors for address, anchors in kept["links"].items()}


def _tokens(links: Iterable[AnchorLink]) -> list[dict[str, Any]]:
    """Return a table of contents as the tokens that it was made from."""
    return [
        {"name": link.title, "id": link.id, "level": link.level, "children": _tokens(link.children)}
        for link in links
    ]
