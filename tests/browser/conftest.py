"""The site and JupyterLab in a real browser. Where there is none, these tests are skipped, and say what is missing.

Needed: playwright (in the `dev` extra), Chromium (found on the PATH, or named by SESSIONLAB_CHROMIUM), `npm ci`.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def missing() -> str:
    """Return what is missing for a browser test, and how to get it; "" if nothing is."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "playwright is not installed: pip install -e '.[dev]'"
    if not chromium():
        return "no Chromium on the PATH, and SESSIONLAB_CHROMIUM names none"
    if not (COURSE / "node_modules" / "axe-core").is_dir():
        return "Mermaid and axe-core are not installed: npm ci"
    return ""


def chromium() -> str | None:
    """Return the browser's executable."""
    return os.environ.get("SESSIONLAB_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip this folder's tests where something is missing."""
    reason = missing()
    for item in items:
        if reason and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@dataclass(frozen=True)
class Built:
    """The site as it was built, and the address where it is served."""

    folder: Path
    url: str

    @property
    def pages(self) -> list[str]:
        """The addresses of all pages, below `url`."""
        found = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.html"))
        return sorted(page.removesuffix("index.html") for page in found)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The course's site, built as `mkdocs build --strict` builds it, and served on this machine."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=COURSE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with _served(folder) as url:
        yield Built(folder, url)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal."""


class _served:
    """Serves a folder on a free port of the loopback address, while the block lasts."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(_Quiet, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="package")
def chrome() -> Iterator[object]:
    """A running Chromium. Playwright runs an event loop in this thread, so it ends before other tests begin."""
    from playwright.sync_api import sync_playwright

    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, *as_root])
        yield running
        running.close()


def watch(page, home: str):
    """Let a page take down what goes wrong on it, as its `faults`: errors, and requests to elsewhere than home."""
    page.faults = []
    page.on("console", lambda said: said.type in ("error", "warning") and page.faults.append(said.text))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda sent: sent.url.startswith(home) or page.faults.append(f"asked for {sent.url}"))
    return page


@pytest.fixture
def page(chrome, site):
    """A page at desktop width."""
    context = chrome.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_default_timeout(60_000)
    yield watch(context.new_page(), site.url)
    context.close()


@pytest.fixture
def open_page(page, site):
    """Open a page of the site by its address, and wait until its traces are drawn."""

    def opening(address: str):
        page.goto(site.url + address)
        page.wait_for_function(DRAWN)
        return page

    return opening


DRAWN = "[...document.querySelectorAll('figure.trace')].every(figure => figure.querySelector('svg'))"
