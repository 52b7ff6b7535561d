"""Verdicts as JUnit XML, which CI systems read: a suite for each lesson, a case for each check.

The form is that of pytest's `--junit-xml`: https://docs.pytest.org/en/stable/how-to/output.html#creating-junitxml-format-files
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from .feedback import told
from .verdict_document import BROKEN, FAILED, PASSED, SKIPPED, Check, Verdict

# XML 1.0 has no way to write these: https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdicts: Iterable[Verdict], unjudged: Mapping[str, str] | None = None) -> bytes:
    """Return the verdicts as an XML document; `unjudged` are lessons without one, each with the reason."""
    suites = [_suite(verdict) for verdict in verdicts]
    suites += [_unjudged(lesson, reason) for lesson, reason in (unjudged or {}).items()]
    document = Element("testsuites", {"name": "sessionlab", **_sum(suites)})
    document.extend(suites)
    ElementTree.indent(document)
    text: bytes = ElementTree.tostring(document, "utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(verdict: Verdict) -> Element:
    cases = [_case(verdict, check) for check in verdict.checks]
    if verdict.state == BROKEN and not any(check.state == BROKEN for check in verdict.checks):
        cases.append(_broken(verdict))
    return _of(verdict.lesson, cases, verdict.database)


def _unjudged(lesson: str, reason: str) -> Element:
    case = Element("testcase", {"classname": lesson, "name": lesson, "time": "0"})
    SubElement(case, "skipped", {"message": _clean(reason)})
    return _of(lesson, [case])


def _of(lesson: str, cases: list[Element], database: str = "") -> Element:
    suite = Element("testsuite", {"name": lesson, **_counts(cases)})
    if database:
        SubElement(SubElement(suite, "properties"), "property", {"name": "database", "value": database})
    suite.extend(cases)
    return suite


def _case(verdict: Verdict, check: Check) -> Element:
    case = Element(
        "testcase", {"classname": verdict.lesson, "name": check.id, "time": f"{check.seconds:.3f}"}
    )
    if check.state == SKIPPED:
        SubElement(case, "skipped", {"message": f"not judged, because {check.because} did not pass"})
    elif check.state != PASSED:
        _tell(case, check)
    if check.printed:
        SubElement(case, "system-out").text = _clean(check.printed)
    return case


def _tell(case: Element, check: Check) -> None:
    kind = "failure" if check.state == FAILED else "error"
    mistake = check.mistake["code"] if check.mistake else ""
    told_whole = "\n".join(line for _, line in told(check, width=100))
    SubElement(case, kind, {"message": _clean(check.observed), "type": mistake or kind}).text = _clean(
        told_whole
    )


def _broken(verdict: Verdict) -> Element:
    case = Element("testcase", {"classname": verdict.lesson, "name": "verdict", "time": "0"})
    SubElement(
        case, "error", {"message": _clean(verdict.fault or "not every check has run"), "type": "error"}
    )
    return case


def _counts(cases: list[Element]) -> dict[str, str]:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: str(sum(case.find(kind) is not None for case in cases)) for name, kind in kinds.items()}
    return {
        "tests": str(len(cases)),
        **counts,
        "time": f"{sum(float(case.get('time', 0)) for case in cases):.3f}",
    }


def _sum(suites: list[Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors", "skipped")
    counts = {name: str(sum(int(suite.get(name, 0)) for suite in suites)) for name in names}
    return {**counts, "time": f"{sum(float(suite.get('time', 0)) for suite in suites):.3f}"}


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
