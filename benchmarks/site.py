"""How long the site takes to build, and how heavy its pages are: `python benchmarks/site.py`.

Builds twice: first with nothing kept from earlier builds, then again. Build times are also projected to the
course's 26 lessons, in proportion. Aims: a second build under 5 s at 26 lessons; the median page, its own HTML
without the theme's shared files, under 60 KB.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from sessionlab.course.lesson import lessons
from sessionlab.course.root import find_course

LESSONS_PLANNED = 26
IMAGES = (".png", ".svg", ".jpg", ".webp", ".gif")


def build(course: Path, site: Path) -> float:
    """Build the site of a course and return the seconds that it took."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)],
        cwd=course,
        check=True,
    )
    return time.perf_counter() - began


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
    """Build twice, weigh, print."""
    course = find_course(Path(__file__).parent)
    count = len(lessons(course))
    folder = Path(tempfile.mkdtemp(prefix="sessionlab-site-"))
    try:
        copied, site = copy_of(course, folder), folder / "site"
        for name in ("clean build", "second build"):
            seconds = build(copied, site)
            projected = seconds * LESSONS_PLANNED / count
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
