"""The site is made from whatever lessons there are; what took long is made once; what is wrong is told."""

from xml.etree import ElementTree

import pytest
from cli_course import LENDING
from site_course import CODE, WRONG, lay_site, write_notebook

from sessionlab.course.cache import Cache
from sessionlab.course.errors import Malformed, WrongUse
from sessionlab.databases.postgres import availability
from sessionlab.site import notebook_run, recordings
from sessionlab.site.site import Site


class Building:
    """Builds the site of a course, and remembers what took long."""

    def __init__(self, course):
        self.course = course
        self.told = []

    def __call__(self):
        self.told.clear()
        site = Site(self.course, self.told.append, Cache(self.course / ".cache"))
        self.navigation = site.navigation()
        made = {file.address: file.content for file in site.made()}
        for page in sorted((self.course / "lessons").rglob("*.md")):
            address = page.relative_to(self.course / "lessons").as_posix()
            text = page.read_text("utf-8").rpartition("---\n")[2]
            made.setdefault(address, site.markdown(address, text))
        return made


@pytest.fixture(scope="module")
def building(tmp_path_factory):
    """The site of an untouched course, built once."""
    return Building(lay_site(tmp_path_factory.mktemp("course") / "course"))


@pytest.fixture(scope="module")
def pages(building):
    """Its pages."""
    return building()


@pytest.fixture
def fresh(tmp_path):
    """The site of a course that a test may change."""
    return Building(lay_site(tmp_path / "course"))


def test_a_trace_stands_where_a_page_asks_for_it(pages):
    """A figure with its alternative text, its diagram and the same as lanes; the right answer in the same check."""
    page = pages[f"{LENDING}/README.md"]
    wrong, right = page.split("The same, given back:")
    assert 'data-alt="A connection is checked out, and nothing follows."' in wrong
    assert "sequenceDiagram" in wrong
    assert "still out" in wrong
    assert "check in" in right
    assert "still out" not in right
    assert "```trace" not in page


def test_a_lesson_begins_with_its_facts(pages):
    """Belief, minutes, database and the ways on stand below the title."""
    page = pages[f"{LENDING}/README.md"]
    assert "“Lending needs no thought.”" in page
    assert "Lesson 02 · 20 minutes · SQLite" in page
    assert "[Lab](lab.md) · [Exercise](#the-exercise) · [Wrong answers](wrong-answers.md)" in page


def test_the_gallery_shows_belief_code_trace_and_diagnosis(pages):
    """The wrong line is marked and said to be wrong; the solution's own lines are not shown."""
    page = pages[f"{LENDING}/wrong-answers.md"]
    assert "“A connection gives itself back.”" in page
    assert 'python title="kept.py" hl_lines="2"' in page
    assert "Marked: nobody gives it back." in page
    assert "# wrong:" not in page
    assert "with engine.connect()" not in page
    assert "`gives_back`: borrow uses a connection and gives it back" in page
    assert "observed\n:   a connection is still out" in page


def test_the_kill_matrix_says_what_catches_what(pages):
    """The wrong answer's row says where it is caught first."""
    assert "1 checks, 1 wrong answers, 1 right ones" in pages["kill-matrix.md"]
    assert "Kept</a></th><td><b>1st</b></td>" in pages["kill-matrix.md"]


def test_the_kill_matrix_closes_what_it_opens(pages):
    """The search index keeps every element that is open, and would take longer with each cell."""
    page = pages["kill-matrix.md"]
    matrix = page[page.index('<div class="matrix"') : page.index("</div>") + len("</div>")]
    assert ElementTree.fromstring(matrix).find(".//td/b").text == "1st"


def test_the_lab_is_the_notebook_as_it_ran(pages):
    """Its title, its code, and what it printed."""
    page = pages[f"{LENDING}/lab.md"]
    assert page.startswith("# Lending, tried")
    assert CODE in page
    assert "\nrecorded in the notebook\n" in page


def test_a_lesson_appears_in_navigation_and_map(building, pages):
    """With the pages that it has; parts without lessons are left out."""
    parts = {title: entries for entry in building.navigation for title, entries in entry.items()}
    assert list(parts) == ["The course", "Part 1 · Raw sessions", "Part 2 · get_db", "Around the course"]
    assert parts["Part 2 · get_db"] == [
        {
            "02 Lending": [
                f"{LENDING}/README.md",
                {"02 Lab": f"{LENDING}/lab.md"},
                {"02 Wrong answers": f"{LENDING}/wrong-answers.md"},
            ]
        }
    ]
    assert parts["Part 1 · Raw sessions"] == [{"01 Adding": ["01_adding/README.md"]}]
    assert f"[**02** Lending]({LENDING}/README.md)" in pages["index.md"]


def test_without_mermaid_the_traces_are_text(building, pages):
    """The build says how to get it, and the script finds a module that draws nothing."""
    assert any("`npm ci`" in text for text in building.told)
    assert pages["assets/mermaid/mermaid.esm.min.mjs"] == "export default null\n"


def test_a_second_build_records_and_runs_nothing(fresh):
    """The same pages come out, and nothing but Mermaid's absence is told."""
    first = fresh()
    assert [text for text in fresh.told if LENDING in text]
    second = fresh()
    assert not [text for text in fresh.told if LENDING in text]
    assert first == second


def test_only_what_changed_is_made_again(fresh):
    """A new answer does not run the notebook; a changed notebook does not record the answers."""
    fresh()
    (fresh.course / "checks" / "answers" / LENDING / "wrong" / "other.py").write_text(
        WRONG.replace("itself", "up")
    )
    fresh()
    assert fresh.told[0] == f"recording {LENDING} wrong/other"
    assert not any("notebook" in text for text in fresh.told)
    write_notebook(fresh.course, CODE, "1 + 1")
    fresh()
    assert fresh.told[0] == f"running the notebook of {LENDING}"


def test_a_notebook_that_fails_fails_the_build(fresh):
    """The error names the notebook, the cell and what it raised."""
    write_notebook(fresh.course, CODE, "1 / 0")
    with pytest.raises(WrongUse) as raised:
        fresh()
    assert f"{LENDING}.ipynb, cell cell-2: ZeroDivisionError: division by zero" in raised.value.fact
    assert "1 / 0" in raised.value.fact


@pytest.mark.parametrize(
    ("fence", "line", "what", "hint"),
    [
        (
            "answer: wrong/kepd.py\nalt: A.",
            13,
            "there is no answer wrong/kepd.py",
            "did you mean `wrong/kept.py`?",
        ),
        ("answer: wrong/kept.py", 13, "has no `alt:`", "`answer:` and `alt:`"),
        ("answer: kept.py\nalt: A.", 13, "'kept.py', which is no answer", "wrong/returned.py"),
        ("answer: wrong/kept.py\nalt: A.\nchecks: x", 16, "'checks: x' is no line", "did you mean `check:`?"),
        ("answer: wrong/kept.py\nalt: A.\nalt: B.", 16, "`alt:` stands twice", "keep one"),
        ("answer: wrong/kept.py\nalt: A.\ncheck: give_back", 13, "no check 'give_back'", "`gives_back`?"),
        (
            "answer: wrong/kept.py\nalt: A.\nrequest: lend()",
            13,
            "no request 'lend()'",
            "it has borrow()",
        ),
        ("answer: wrong/kept.py\nalt: A.\ncode: lend", 13, "has no lend", "name a function"),
        (
            "answer: right/lent.py\nalt: A.",
            13,
            "which one to draw is not clear",
            "`check:` with one of gives_back",
        ),
        ("answer: 09_x/wrong/kept.py\nalt: A.", 13, "no lesson '09_x'", "write the lesson's slug"),
    ],
)
def test_a_fence_that_asks_for_what_is_not_there_is_told(building, pages, fence, line, what, hint):
    """File, line, what is wrong, and what to do."""
    site = Site(building.course, building.told.append, Cache(building.course / ".cache"))
    page = building.course / "lessons" / LENDING / "README.md"
    front, text = page.read_text("utf-8").split("# Lending\n")
    before = text.partition("```trace\n")[0]
    markdown = f"# Lending\n{before}```trace\n{fence}\n```\n"
    page_before = page.read_text("utf-8")
    page.write_text(front + markdown, "utf-8")
    try:
        with pytest.raises(Malformed) as raised:
            site.markdown(f"{LENDING}/README.md", markdown)
    finally:
        page.write_text(page_before, "utf-8")
    assert (raised.value.path, raised.value.line) == (page, line)
    assert what in raised.value.fact
    assert hint in raised.value.hint


def test_without_postgresql_the_site_is_built_all_the_same(fresh, monkeypatch):
    """Pages say what could not be recorded; once there is a PostgreSQL, it is."""
    page = fresh.course / "lessons" / LENDING / "README.md"
    page.write_text(page.read_text("utf-8").replace("database: sqlite", "database: postgresql"), "utf-8")
    for module in (recordings, notebook_run):
        monkeypatch.setattr(module, "postgresql_usable", lambda: False)
    made = fresh()
    for address in (f"{LENDING}/README.md", f"{LENDING}/lab.md"):
        assert "This needs PostgreSQL" in made[address]
    assert f"2 answers of {LENDING} are left out: there is no PostgreSQL to record them on" in fresh.told
    monkeypatch.undo()
    if availability().usable:
        assert "still out" in fresh()[f"{LENDING}/README.md"]
