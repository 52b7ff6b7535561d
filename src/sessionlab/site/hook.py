"""Tells the course's pages to MkDocs. It decides nothing: for another site builder, change this file alone.

https://www.mkdocs.org/user-guide/configuration/#hooks; virtual pages need MkDocs 1.6 (`File.generated`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from sessionlab.course.errors import WrongUse
from sessionlab.grader.front_end import JudgeBroken
from sessionlab.site.kept_pages import keep_rendered
from sessionlab.site.site import Made, Site

_log = logging.getLogger("mkdocs.hooks.sessionlab")
_NAMELESS = 'data-md-component="search" role="dialog"'
_sites: dict[str, Site] = {}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Give MkDocs the navigation; a rebuild of `mkdocs serve` comes here again."""
    with _as_plugin_error():
        site = _sites["now"] = Site(Path(config.config_file_path).parent, _log.info)
        config.nav = site.navigation()
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files that nobody wrote."""
    with _as_plugin_error():
        for made in _sites["now"].made():
            known = files.get_file_from_path(made.address)
            if known is not None:
                files.remove(known)
            files.append(_file(made, config))
    return files


def _file(made: Made, config: MkDocsConfig) -> File:
    if isinstance(made.content, Path):
        return File.generated(config, made.address, abs_src_path=str(made.content))
    return File.generated(config, made.address, content=made.content)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Render no page again that comes out the same."""
    keep_rendered(_sites["now"].cache, config, files)
    return nav


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in what a written page asks for."""
    with _as_plugin_error():
        return _sites["now"].markdown(page.file.src_uri, markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Link the glossary's terms."""

    def link(address: str) -> str:
        file = files.get_file_from_path(address)
        return get_relative_url(file.url, page.url) if file else ""

    return _sites["now"].html(page.file.src_uri, html, link)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Write a page lighter than the theme makes it."""
    return _sites["now"].page(_with_named_search(output))


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """Do the same for the page that says that there is no such page."""
    return _sites["now"].page(_with_named_search(output)) if template_name == "404.html" else output


def _with_named_search(html: str) -> str:
    """Name the search dialog, which the theme leaves nameless."""
    return html.replace(_NAMELESS, f'{_NAMELESS} aria-label="Search"', 1)


def on_post_build(config: MkDocsConfig) -> None:
    """Throw away what nothing needed for a long time."""
    _sites["now"].close()


@contextmanager
def _as_plugin_error() -> Iterator[None]:
    """MkDocs shows a PluginError as a text, and any other exception as a traceback."""
    try:
        yield
    except WrongUse as error:
        raise PluginError(str(error)) from None
    except JudgeBroken as error:
        raise PluginError(f"The grader came to no verdict: {error}") from None
