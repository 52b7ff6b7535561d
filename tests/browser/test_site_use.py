"""What one does on the site: search, paste an error, look at a trace, switch the colours, go by keyboard."""

import importlib

import pytest
from provocations import PROVOCATIONS, provoke

from sessionlab.symptoms.index import symptoms
from sessionlab.symptoms.match import Matcher

from .conftest import COURSE

SQLITE = [
    beginning
    for name in ("in_sqlalchemy", "in_fastapi")
    for module in [importlib.import_module(f"provocations.{name}")]
    for beginning, function in PROVOCATIONS.items()
    if function.__module__ == module.__name__
]


def test_search_finds_a_symptom_by_its_error_text(open_page):
    """Words of the message, as the library prints them, lead to the symptom, and from there to the lesson."""
    page = open_page("")
    page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("QueuePool limit of size", delay=5)
    first = page.locator(".md-search-result__item").first
    first.locator("a", has_text="QueuePool limit of size").click()
    page.wait_for_url("**/symptoms/**")
    page.get_by_role("link", name="Lesson 07, get db").first.click()
    page.wait_for_url("**/07_get_db/")


@pytest.mark.filterwarnings("ignore")
def test_a_pasted_traceback_finds_what_explain_finds(open_page, tmp_path):
    """The box on the page and `sessionlab explain` name the same symptom."""
    matcher, page = Matcher(symptoms(COURSE)), open_page("symptoms/")
    box, answer = page.get_by_label("The text as you see it"), page.locator("form.explain [role=status]")
    for number, beginning in enumerate(SQLITE):
        printed = provoke(PROVOCATIONS[beginning], f"sqlite:///{(tmp_path / f'shop{number}.db').as_posix()}")
        box.fill(printed)
        assert answer.inner_text().startswith("It is: ")
        assert answer.locator("a").first.inner_text() == " ".join(
            matcher.matches(printed)[0].symptom.text.split()
        )


def test_a_text_that_is_no_symptom_is_not_taken_for_one(open_page):
    """The box says so, and names the nearest."""
    page = open_page("symptoms/")
    page.get_by_label("The text as you see it").fill("the database went away")
    assert page.locator("form.explain [role=status]").inner_text().startswith("No symptom here says that.")


def test_a_trace_is_drawn(open_page):
    """It is a picture with a name for screen readers, it shows what was recorded, and its text is folded away."""
    page = open_page("07_get_db/")
    picture = page.get_by_role("img", name="One GET request opens a session")
    assert picture.count() == 1
    shown = picture.inner_text() if picture.evaluate("e => e.tagName") != "svg" else picture.text_content()
    assert "GET /accounts/1" in shown
    assert "still out" in shown
    assert "Syntax error" not in shown
    figure = page.locator("figure.trace").first
    assert not figure.locator(".lanes").is_visible()
    figure.locator("summary").click()
    assert figure.locator(".lanes").is_visible()


def test_the_colours_switch_and_stay(open_page, site):
    """The switch turns page and picture dark, and the next page stays so."""
    page = open_page("07_get_db/")
    ink = "getComputedStyle(document.querySelector('figure.trace svg text')).fill"
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ink), page.evaluate(paper)
    page.get_by_title("Colours follow the system; switch to light").click()
    page.get_by_title("Light; switch to dark").click()
    dark = page.evaluate(ink), page.evaluate(paper)
    assert light[0] != dark[0]
    assert light[1] != dark[1]
    page.goto(f"{site.url}glossary/")
    assert page.evaluate(paper) == dark[1]


def test_the_site_goes_by_keyboard(open_page):
    """The first key leads past the navigation; what is folded opens; what is cut off can be scrolled."""
    page = open_page("07_get_db/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('md-skip')")
    page.locator("figure.trace summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("figure.trace .lanes").first.is_visible()
    assert page.locator("figure.trace .lanes").first.get_attribute("tabindex") == "0"


def test_code_has_a_button_to_copy_it(open_page):
    """It is there on every block of code, with a name."""
    page = open_page("07_get_db/")
    blocks = page.locator(".highlight pre").count()
    assert blocks
    assert page.locator(".md-code__button[title='Copy to clipboard']").count() == blocks


def test_a_lesson_leads_to_the_next(open_page):
    """At the end of a page stand the ones before and after it."""
    page = open_page("07_get_db/")
    page.locator("footer").get_by_role("link", name="Next").click()
    page.wait_for_url("**/07_get_db/lab/")
