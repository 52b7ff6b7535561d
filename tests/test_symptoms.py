"""Every symptom of the course is what a library prints, and is found by it."""

import importlib
import re
from pathlib import Path

import pytest
from provocations import PROVOCATIONS, provoke

from sessionlab.course.errors import Malformed
from sessionlab.course.lesson import lessons
from sessionlab.databases.postgres import availability, lease
from sessionlab.symptoms.index import symptoms, to_come
from sessionlab.symptoms.match import Matcher

COURSE = Path(__file__).parents[1]
MODULES = [
    importlib.import_module(f"provocations.{name}") for name in ("in_sqlalchemy", "in_asyncio", "in_fastapi")
]
POSTGRES = importlib.import_module("provocations.in_postgres")
NAMES = "accounts|Account|owner|entries|sessions|scalars|scope|get_user|accounts_owner_key|accounts_branch_id_fkey"
TEXTS = dict.fromkeys(symptom.text for symptom in symptoms(COURSE))


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server."""
    if not availability().usable:
        pytest.skip(str(availability()))
    with lease() as leased:
        yield leased


@pytest.fixture
def url(request, tmp_path):
    """The URL of a new database, of the kind that the provocation is for."""
    if PROVOCATIONS[request.node.callspec.params["beginning"]].__module__ != POSTGRES.__name__:
        yield f"sqlite:///{(tmp_path / 'shop.db').as_posix()}"
        return
    with request.getfixturevalue("server").database() as made:
        yield made


@pytest.fixture(scope="session")
def matcher():
    """All symptoms of the course."""
    return Matcher(symptoms(COURSE))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("beginning", PROVOCATIONS)
def test_what_a_library_prints_finds_its_symptom(beginning, url, matcher):
    """A traceback, a warning or a log, pasted whole, shows its symptom first; the text is as printed, but for names."""
    printed = provoke(PROVOCATIONS[beginning], url)
    first = matcher.matches(printed)[0]
    assert first.is_it
    assert first.symptom.text.startswith(beginning), printed
    assert re.search(verbatim(first.symptom.text), printed), printed


def verbatim(text):
    """Return a pattern that matches the text on other names, numbers and addresses, and nothing else."""
    pieces = re.split(rf"\b(?:{NAMES})\b|0x[0-9a-f]+|\d+(?:\.\d+)?", text)
    return r"[\w.]+".join(map(re.escape, pieces))


@pytest.mark.parametrize("text", TEXTS)
def test_each_symptom_is_provoked(text):
    """No text is typed: each one has a function in tests/provocations that makes the library print it."""
    found = [beginning for beginning in PROVOCATIONS if text.startswith(beginning)]
    assert len(found) == 1, f"write a function that prints it, with @prints({text[:60]!r})"


def test_there_are_at_least_25_symptoms():
    """The index is worth looking into."""
    assert len(TEXTS) >= 25


def test_symptoms_stand_with_their_lesson():
    """Those in `symptoms.md` are of lessons that have no page yet."""
    written = {lesson.number for lesson in lessons(COURSE) if lesson.readme.is_file()}
    stayed = [symptom for symptom in to_come(COURSE) if symptom.lesson[:2] in written]
    assert not stayed, f"move to the section “Symptoms” of lesson {stayed[0].lesson}: {stayed[0].text}"


def test_what_is_no_symptom_finds_none(matcher):
    """Another text has a nearest symptom at best, and that is not taken for it."""
    for text in (
        "",
        "Segmentation fault",
        "ModuleNotFoundError: No module named 'sqlalchemy.orm.sesion'",
        "1 2 3",
    ):
        assert not any(match.is_it for match in matcher.matches(text))


@pytest.mark.parametrize(
    ("page", "what"),
    [
        (
            "## 20 pool\n\n### QueuePool\n- cause: a\n- cure: b\n",
            "the heading of a symptom is no text in backticks",
        ),
        ("## 20 pool\n\n### `QueuePool`\n- cause: a\n", "the symptom has no cure"),
        ("## 20 pool\n\n### `QueuePool`\n- reason: a\n", "'- reason: a' is no line of a symptom"),
        (
            "## 20 pool\n\n### `QueuePool`\n- cause: a\n- cause: b\n- cure: c\n",
            "'- cause: b' is no line of a symptom",
        ),
    ],
)
def test_a_malformed_symptom_is_told_with_its_line(tmp_path, page, what):
    """The error names file, line and reason."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "symptoms.md").write_text(page)
    with pytest.raises(Malformed) as raised:
        to_come(tmp_path)
    assert raised.value.line == 3
    assert what in raised.value.fact
