"""How long the site takes to build, and how heavy its pages are: `python benchmarks/site.py`.

Builds a site of one empty page, the course's with nothing kept from earlier builds, and the course's again. What the
empty site takes, every site takes; the rest is projected to the course's 26 lessons in proportion. Of the builds that
take a second or two the quickest of three counts: what else the machine does weighs on them.
Aims: a second build under 5 s at 26 lessons; the median page, its own HTML without the theme's shared files, under
60 KB.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import yaml

from sessionlab.course.lesson import lessons
from sessionlab.course.root import find_course

LESSONS_PLANNED = 26
_FILES = ("extra_css", "extra_javascript")  # of the course's own
IMAGES = (".png", ".svg", ".jpg", ".webp", ".gif")


def build(folder: Path, site: Path) -> float:
    """Build the site whose `mkdocs.yml` lies in a folder, and return the seconds that it took."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)],
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    return time.perf_counter() - began


def empty(course: Path, folder: Path) -> Path:
    """Lay a site of one empty page, with the course's theme, plugins and extensions, and without its hook."""
    settings = yaml.safe_load((course / "mkdocs.yml").read_text("utf-8"))
    kept = {key: value for key, value in settings.items() if key not in ("hooks", "watch", *_FILES)}
    docs = folder / "empty" / settings["docs_dir"]
    docs.mkdir(parents=True)
    (docs / "index.md").write_text("# Empty\n", "utf-8")
    (folder / "empty" / "mkdocs.yml").write_text(yaml.safe_dump(kept), "utf-8")
    return folder / "empty"


def copy_of(course: Path, folder: Path) -> Path:
    """Copy what git has of a course, without what earlier builds have kept."""
    target = folder / "course"
    subprocess.run(["git", "clone", "--quiet", str(course), str(target)], check=True)
    mermaid = course / "node_modules"
    if mermaid.is_dir():
        (target / "node_modules").symlink_to(mermaid)
    return target


def weights(site: Path, kinds: tuple[str, ...]) -> list[tuple[int, str]]:
    """Return the files of these kinds with their sizes in bytes, the largest first."""
    found = [path for path in site.rglob("*") if path.suffix in kinds]
    return sorted(((path.stat().st_size, str(path.relative_to(site))) for path in found), reverse=True)


def main() -> None:
    """Build, weigh, print."""
    course = find_course(Path(__file__).parent)
    count = len(lessons(course))
    folder = Path(tempfile.mkdtemp(prefix="sessionlab-site-"))
    try:
        copied, site = copy_of(course, folder), folder / "site"
        bare = empty(course, folder)
        floor = min(build(bare, folder / "nothing") for _ in range(3))
        print(f"{'empty site':<14} {floor:7.1f} s")
        for name, times in (("clean build", 1), ("second build", 3)):
            seconds = min(build(copied, site) for _ in range(times))
            projected = floor + (seconds - floor) * LESSONS_PLANNED / count
            print(f"{name:<14} {seconds:7.1f} s   projected to {LESSONS_PLANNED} lessons {projected:7.1f} s")
        pages, images = weights(site, (".html",)), weights(site, IMAGES)
        print(f"{len(pages)} pages: median {median(size for size, _ in pages) / 1000:.0f} KB")
        print(f"largest page   {pages[0][0] / 1000:.0f} KB  {pages[0][1]}")
        if images:
            print(f"largest image  {images[0][0] / 1000:.0f} KB  {images[0][1]}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
