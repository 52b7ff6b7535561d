"""A lesson followed in a real JupyterLab: run the notebook, edit the exercise beside it, check, and pass."""

import os
import re
import subprocess
import sys
import threading

import psutil
import pytest

from .conftest import COURSE

SLUG = "07_get_db"
SOLUTION = (COURSE / "solutions" / f"{SLUG}.py").read_text("utf-8")
SLOW = 120_000  # milliseconds: a kernel starts, every experiment runs, and the exercise is graded


@pytest.fixture
def lab(tmp_path):
    """The address that `sessionlab lab` prints, on a work folder of its own; no process stays behind."""
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {f"JUPYTERLAB_{name}_DIR": str(tmp_path / name) for name in ("SETTINGS", "WORKSPACES")}
    own = {"SESSIONLAB_WORK": str(tmp_path / "work"), "SESSIONLAB_COURSE": str(COURSE)}
    command = [sys.executable, "-m", "sessionlab", "lab", "07", "--no-browser"]
    process = subprocess.Popen(
        command,
        cwd=COURSE,
        env={**os.environ, **folders, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    found = (re.search(r"http://127\.0\.0\.1:\d+/\S+token=\w+", line) for line in process.stdout)
    address = next(filter(None, found))[0]
    reading = threading.Thread(target=process.stdout.read)  # so that it is never held up by a full pipe
    reading.start()
    yield address
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    process.terminate()
    process.wait(30)
    reading.join(30)
    assert not psutil.wait_procs(family, timeout=30)[1]


@pytest.fixture
def screen(chrome, lab):
    """JupyterLab in a browser that takes down each request to elsewhere."""
    context = chrome.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SLOW)
    page = context.new_page()
    home = re.match(r"http://[^/]+", lab)[0].removeprefix("http:")
    page.elsewhere = []
    page.on("request", lambda sent: home in sent.url or _local(sent.url) or page.elsewhere.append(sent.url))
    page.goto(lab)
    yield page
    context.close()


def _local(url):
    return url.startswith(("data:", "blob:"))


def test_a_lesson_is_followed_to_its_end(screen, tmp_path):
    """Run All stops at the check, which says what to write; once it is written and saved, the check passes."""
    exercise = tmp_path / "work" / SLUG / "exercise.py"
    screen.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    screen.get_by_role("menuitem", name="Run", exact=True).click()
    screen.get_by_text("Run All Cells", exact=True).click()
    last = screen.locator(".jp-Notebook .jp-CodeCell").last
    last.get_by_text("NotPassed").wait_for()
    assert "this part is not written yet" in last.inner_text()
    assert screen.locator(".jp-RenderedMermaid").count()

    screen.locator(".jp-DirListing-item", has_text="exercise.py").dblclick()
    editor = screen.locator(".jp-FileEditor .cm-content")
    editor.click()
    screen.keyboard.press("ControlOrMeta+a")
    screen.keyboard.insert_text(SOLUTION)
    screen.keyboard.press("ControlOrMeta+s")
    screen.locator(".jp-FileEditor").wait_for()
    screen.wait_for_function(
        "() => !document.querySelector('.lm-TabBar-tab.jp-mod-current')?.classList.contains('jp-mod-dirty')"
    )

    screen.locator(".lm-TabBar-tab", has_text="notebook.ipynb").click()
    last.locator(".cm-content").click()
    screen.keyboard.press("ControlOrMeta+Enter")
    last.get_by_text("passed, all 10 checks").wait_for()
    assert exercise.read_text("utf-8") == SOLUTION
    assert not screen.get_by_text("Jupyter news").count()
    assert screen.elsewhere == []
