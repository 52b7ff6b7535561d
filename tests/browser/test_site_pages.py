"""Every page of the site: no error, no request to elsewhere, no dead link, no fault that keeps somebody out."""

from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from playwright.sync_api import Error

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
BAD = ("serious", "critical")
LOOKS = {"desktop": (1280, "light"), "dark": (1280, "dark"), "phone": (390, "light")}


def test_every_page_opens_without_a_fault(open_page, site):
    """No error on the console, and no request that leaves the site."""
    assert len(site.pages) > 10
    for address in site.pages:
        page = open_page(address)
        assert not page.faults, (address, page.faults)


def test_no_link_is_dead(open_page, site):
    """Each link within the site leads to a page that is there, and each fragment to an element of that page."""
    ids, links = {}, set()
    for address in site.pages:
        page = open_page(address)
        ids[address] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)"))
        for link in page.evaluate("[...document.links].map(link => link.href)"):
            if link.startswith(site.url):
                links.add((address, *urldefrag(link.removeprefix(site.url))))
    assert len(links) > 100
    dead = [(page, to, at) for page, to, at in sorted(links) if not _alive(site, ids, to, unquote(at))]
    assert not dead


def _alive(site, ids, address, fragment):
    if address in ids:
        return not fragment or fragment in ids[address]
    return (site.folder / address).is_file()


@pytest.mark.parametrize("look", LOOKS)
def test_nobody_is_kept_out(chrome, site, look):
    """axe-core finds nothing serious or critical on any page, in light and dark, at desktop and phone width."""
    width, scheme = LOOKS[look]
    context = chrome.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.add_init_script(path=AXE)
    page, found = context.new_page(), {}
    for address in site.pages:
        page.goto(site.url + address)
        page.wait_for_function(
            "[...document.querySelectorAll('figure.trace')].every(f => f.querySelector('svg'))"
        )
        for fault in page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]:
            if fault["impact"] in BAD:
                found[address] = (fault["id"], fault["nodes"][0]["html"][:200])
    context.close()
    assert not found


def test_no_page_is_wider_than_a_phone(chrome, site):
    """Wide things scroll by themselves; the page does not."""
    context = chrome.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    for address in site.pages:
        page.goto(site.url + address)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    context.close()


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
