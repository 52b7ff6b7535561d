"""Verdicts as CI systems read them."""

from xml.etree import ElementTree

import pytest
from cli_course import ADDED, BOTH_WRONG, LENDING, lay_course, sessionlab, write_exercise

from sessionlab.grader.junit import junit
from sessionlab.grader.verdict_document import Check, Verdict


def parsed(*verdicts, **unjudged):
    """Return the document of these verdicts."""
    return ElementTree.fromstring(junit(verdicts, unjudged))


def test_each_state_has_its_place():
    """Passed cases are empty; failed, skipped and broken ones hold what CI systems look for."""
    checks = [
        Check("load", "It loads", "passed", seconds=0.25),
        Check(
            "adds",
            "It adds",
            "failed",
            "it was 4",
            "3",
            {"code": "OFF", "text": "One too many.", "section": ""},
        ),
        Check("doubles", "It doubles", "skipped", because="adds"),
        Check("halves", "It halves", "broken", "the grader is at fault", "", detail="KeyError"),
    ]
    document = parsed(Verdict("01_adding", "exercise.py", [check.id for check in checks], checks))
    suite = document.find("testsuite")
    assert dict(suite.attrib) == {
        "name": "01_adding", "tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "0.250",
    }  # fmt: skip
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert not list(cases["load"])
    assert cases["adds"].find("failure").get("message") == "it was 4"
    assert cases["adds"].find("failure").get("type") == "OFF"
    assert "One too many." in cases["adds"].find("failure").text
    assert cases["doubles"].find("skipped").get("message") == "not judged, because adds did not pass"
    assert "KeyError" in cases["halves"].find("error").text


@pytest.mark.parametrize("verdict", [Verdict("01_adding", "x.py", ["load", "adds"], fault="the judge ended")])
def test_a_verdict_that_never_came_is_an_error(verdict):
    """Nothing is green where the grader is at fault."""
    document = parsed(verdict)
    assert (document.get("errors"), document.find(".//error").get("message")) == ("1", "the judge ended")


def test_what_xml_cannot_hold_is_replaced():
    """A learner's output may hold any byte; the document is still read."""
    printed = "a\x00b\x1b[31m\ud800 <&>"
    document = parsed(
        Verdict("01_adding", "x.py", ["load", "a"], [Check("a", "A", "passed", printed=printed)])
    )
    assert document.find(".//system-out").text == "a\ufffdb\ufffd[31m\ufffd <&>"


def test_a_lesson_without_a_verdict_is_skipped():
    """It is named, with the reason."""
    document = parsed(**{"02_lending": "not started"})
    assert document.find(".//skipped").get("message") == "not started"
    assert document.get("skipped") == "1"


def test_check_writes_the_file(tmp_path):
    """`check --all --junit` judges what is started, names what is not, and makes the folder that it writes to."""
    course = lay_course(tmp_path / "course")
    write_exercise(course, BOTH_WRONG)
    done = sessionlab(course, "check", "--all", "--junit", "reports/verdicts.xml")
    assert done.returncode == 1
    document = ElementTree.parse(course / "reports" / "verdicts.xml").getroot()
    suites = {suite.get("name"): suite for suite in document}
    assert suites["01_adding"].get("failures") == "2"
    assert suites[LENDING].find(".//skipped").get("message") == "not started"


def test_a_file_that_cannot_be_written_is_wrong_use(tmp_path):
    """It is told before anything is graded."""
    course = lay_course(tmp_path / "course")
    write_exercise(course, ADDED)
    (course / "reports").write_text("in the way")
    done = sessionlab(course, "check", "01", "--junit", "reports/verdicts.xml")
    assert done.returncode == 2
    assert "reports" in done.stderr
    assert "passed" not in done.stdout
