"""A page is rendered once, and again as soon as something changes that shapes it."""

import shutil
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from cli_course import LENDING
from markdown import Markdown
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from mkdocs.structure.pages import Page
from site_course import CODE, WRONG, lay_site, write_notebook

from sessionlab.site import hook, kept_pages

SETTINGS = Path(__file__).parents[1] / "mkdocs.yml"
RECORDED = ("verdict.json", "traces.json.gz", "notebook.json", "lab.json")
LESSON = f"lessons/{LENDING}/README.md"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course that was built once, and its site."""
    course = lay_site(tmp_path_factory.mktemp("built") / "course")
    settings = SETTINGS.read_text("utf-8").replace("src/sessionlab/site/hook.py", hook.__file__)
    (course / "mkdocs.yml").write_text(settings, "utf-8")
    return course, site_of(course)


@pytest.fixture
def course(built, tmp_path):
    """A copy of it, with all that it has kept, that a test may change."""
    return Path(shutil.copytree(built[0], tmp_path / "course"))


@pytest.fixture
def rendered(monkeypatch):
    """The addresses of the pages that are rendered."""
    addresses, render = [], Page.render

    def noting(page, config, files):
        addresses.append(page.file.src_uri)
        render(page, config, files)

    monkeypatch.setattr(Page, "render", noting)
    return addresses


def site_of(course, **settings):
    """Build a course's site, and return its files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "0")  # it stands in the sitemap
        patch.setenv("SESSIONLAB_CACHE", str(course / ".cache"))
        build(load_config(str(course / "mkdocs.yml"), **settings))
    site = course / "site"
    return {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def forget_pages(course):
    """Throw away all that earlier builds have kept, but what was recorded."""
    for path in (course / ".cache").rglob("*"):
        if path.is_file() and path.name not in RECORDED:
            path.unlink()


def edit(path, old, new):
    """Replace what a file says."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def lay_pages(folder, *names):
    """Write pages that say the same; their link to the glossary is not the same, where one is its folder's index."""
    folder.mkdir()
    for name in names:
        (folder / name).write_text("# Terms\n\nThey are in the [glossary](../glossary.md).\n", "utf-8")


CHANGES = {
    "a lesson's page": lambda course: edit(course / LESSON, "It hangs.", "It **stops**."),
    "its belief": lambda course: edit(course / LESSON, "Lending needs no thought.", "Lending is free."),
    "its notebook": lambda course: write_notebook(course, CODE, "1 + 1"),
    "a wrong answer": lambda course: edit(
        course / f"checks/answers/{LENDING}/wrong/kept.py", "gives itself back", "returns by itself"
    ),
    "one more wrong answer": lambda course: (course / f"checks/answers/{LENDING}/wrong/other.py").write_text(
        WRONG, "utf-8"
    ),
    "the glossary": lambda course: edit(course / "lessons/glossary.md", "#connection", "#line"),
    "two pages of one text": lambda course: lay_pages(course / "lessons" / "terms", "README.md", "more.md"),
    "an extension's settings": lambda course: edit(course / "mkdocs.yml", "Link to this section", "Link"),
    "the extensions": lambda course: edit(course / "mkdocs.yml", "  - def_list\n", ""),
    "the addresses": lambda course: edit(course / "mkdocs.yml", "_urls: true", "_urls: false"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_the_site_is_that_of_a_clean_build(built, course, change, monkeypatch):
    """Whatever changes, no page is left as it was, and none is taken for another."""
    CHANGES[change](course)
    site = site_of(course)
    assert site != built[1]
    forget_pages(course)
    monkeypatch.setattr(kept_pages, "_render", lambda page, cache, shape, *given: Page.render(page, *given))
    assert site == site_of(course)


def test_a_second_build_renders_nothing(built, course, rendered, caplog):
    """The same site comes out of what is kept, and the same is said of it."""
    forget_pages(course)
    site_of(course)
    said = caplog.messages[:]
    caplog.clear()
    rendered.clear()
    assert site_of(course) == built[1]
    assert not rendered
    assert caplog.messages == said


def test_only_the_page_that_changed_is_rendered(course, rendered):
    """What is written on one page shapes no other."""
    edit(course / LESSON, "It hangs.", "It stops.")
    site_of(course)
    assert rendered == [f"{LENDING}/README.md"]


def test_another_version_of_a_library_renders_every_page(built, course, rendered, monkeypatch):
    """What one version made is not taken for what another would make."""
    monkeypatch.setattr(kept_pages, "versions", lambda names: "Markdown 4.0")
    assert site_of(course) == built[1]
    assert len(rendered) == len(set(rendered)) > 5


def test_the_libraries_are_those_of_the_settings_extensions():
    """The code of each extension that the course's pages use counts."""
    extensions = load_config(str(SETTINGS)).markdown_extensions
    modules = {type(Markdown().build_extension(name, {})).__module__ for name in extensions}
    packages = packages_distributions()
    assert {packages[module.split(".")[0]][0] for module in modules} <= set(kept_pages.LIBRARIES)


@pytest.mark.parametrize("link", ["nowhere.md", "../glossary.md#nowhere"])
def test_a_dead_link_is_told_by_every_build(course, caplog, link):
    """So a strict build fails a second time: kept pages know their links, and a page with a warning is not kept."""
    edit(course / LESSON, "It hangs.", f"It [hangs]({link}).")
    for _ in range(2):
        caplog.clear()
        with pytest.raises(Abort):
            site_of(course, strict=True)
        assert f"contains a link '{link}'" in caplog.text


def test_a_link_goes_dead_with_the_page_that_it_led_to(course, caplog):
    """A page is not taken as it was when the page that it links to is gone."""
    more = course / "lessons" / LENDING / "more.md"
    more.write_text("# More\n", "utf-8")
    edit(course / LESSON, "It hangs.", "It [hangs](more.md).")
    site_of(course)
    assert "more.md" not in caplog.text
    more.unlink()
    site_of(course)
    assert "contains a link 'more.md'" in caplog.text


def test_what_the_settings_let_pass_is_told_when_they_do_no_more(course, caplog):
    """A page that was kept without a word is looked at again."""
    edit(course / LESSON, "It hangs.", "It [hangs](nowhere).")
    edit(course / "mkdocs.yml", "unrecognized_links: warn", "unrecognized_links: ignore")
    site_of(course)
    assert "nowhere" not in caplog.text
    edit(course / "mkdocs.yml", "unrecognized_links: ignore", "unrecognized_links: warn")
    site_of(course)
    assert "unrecognized relative link 'nowhere'" in caplog.text


def test_what_a_quiet_build_leaves_unsaid_is_told_by_the_next(course, caplog):
    """`mkdocs build --quiet` and then `mkdocs build --strict`: the warning is not lost."""
    edit(course / LESSON, "It hangs.", "It [hangs](nowhere.md).")
    with caplog.at_level("ERROR", "mkdocs"):
        site_of(course)
    assert "nowhere" not in caplog.text
    site_of(course)
    assert "contains a link 'nowhere.md'" in caplog.text
