"""Every page of the site: no error, no request to elsewhere, no dead link, no fault that keeps somebody out."""

from dataclasses import dataclass
from urllib.parse import unquote, urldefrag

import pytest
from playwright.sync_api import Error

from .conftest import COURSE, DRAWN, watch

AXE = COURSE / "node_modules" / "axe-core" / "axe.min.js"
BAD = ("serious", "critical")
# What can be wrong in the dark and not in the light is contrast alone.
LOOKS = {
    "desktop": (1280, "light", ""),
    "dark": (1280, "dark", "['color-contrast']"),
    "phone": (390, "light", ""),
}


@dataclass(frozen=True)
class Visit:
    """What was found on one page: faults, what keeps people out, the ids, the links, and its width in pixels."""

    faults: list[str]
    barriers: list[str]
    ids: set[str]
    links: list[str]
    width: int


@pytest.fixture(scope="module", params=LOOKS)
def visits(request, chrome, site):
    """A visit to every page, in one of the looks: desktop, dark, phone."""
    width, scheme, rules = LOOKS[request.param]
    context = chrome.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.set_default_timeout(60_000)
    context.add_init_script(path=AXE)
    page = watch(context.new_page(), site.url)
    yield {address: _visit(page, site.url + address, rules) for address in site.pages}
    context.close()


def _visit(page, url, rules):
    page.faults.clear()
    page.goto(url)
    page.wait_for_function(DRAWN)
    options = f"{{resultTypes: ['violations'] {', runOnly: ' + rules if rules else ''}}}"
    found = page.evaluate(f"axe.run(document, {options})")["violations"]
    return Visit(
        list(page.faults),
        [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found if fault["impact"] in BAD],
        set(page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")),
        page.evaluate("[...document.links].map(link => link.href)"),
        page.evaluate("document.documentElement.scrollWidth - innerWidth"),
    )


def test_every_page_opens_without_a_fault(visits):
    """No error on the console, and no request that leaves the site."""
    assert len(visits) > 10
    assert not {address: visit.faults for address, visit in visits.items() if visit.faults}


def test_nobody_is_kept_out(visits):
    """axe-core finds nothing serious or critical on any page, in light and dark, at desktop and phone width."""
    assert not {address: visit.barriers for address, visit in visits.items() if visit.barriers}


def test_no_page_is_wider_than_the_screen(visits):
    """Wide things scroll by themselves; the page does not."""
    assert not {address: visit.width for address, visit in visits.items() if visit.width > 0}


def test_no_link_is_dead(visits, site):
    """Each link within the site leads to a page that is there, and each fragment to an element of that page."""
    links = {
        (address, *urldefrag(link.removeprefix(site.url)))
        for address, visit in visits.items()
        for link in visit.links
        if link.startswith(site.url)
    }
    assert len(links) > 100
    assert not [(page, to, at) for page, to, at in sorted(links) if not _alive(site, visits, to, unquote(at))]


def _alive(site, visits, address, fragment):
    if address in visits:
        return not fragment or fragment in visits[address].ids
    return (site.folder / address).is_file()


def test_the_site_is_read_without_scripts(chrome, site):
    """A trace is there as text, unfolded, where nothing draws it."""
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}07_get_db/")
    lanes = page.locator("figure.trace .lanes").first
    assert lanes.is_visible()
    assert "GET /accounts/1" in lanes.inner_text()
    context.close()


def test_a_fault_would_be_seen(open_page):
    """The page fixture takes down an error and a request to elsewhere."""
    page = open_page("")
    page.evaluate("console.error('wrong')")
    with pytest.raises(Error):
        page.evaluate("fetch('http://127.0.0.1:9/')")
    assert page.faults[:2] == ["wrong", "asked for http://127.0.0.1:9/"]
