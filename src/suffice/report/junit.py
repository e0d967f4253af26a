"""The verdict as JUnit XML, which every continuous integration service shows as tests.

A suite for each rung, a test for each bar and each comparison. `findings.py` says what passes: a
missed bar of the deciding rung is a failure, an undecided one an error (it was not measured, and
that is no pass), and what a cheaper rung fell short of is skipped, with the reason.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from suffice.records import Details, Verdict
from suffice.report.findings import Finding, Result, findings
from suffice.report.view import view
from suffice.report.words import visible

TAGS = {Result.FAILED: "failure", Result.UNMEASURABLE: "error", Result.ASIDE: "skipped"}


@dataclass(frozen=True, slots=True)
class JunitReport:
    suffix: str = ".xml"

    def render(self, verdict: Verdict, details: Details | None = None) -> str:  # noqa: ARG002
        found = findings(verdict)
        root = ET.Element("testsuites", {"name": visible(verdict.study), **_totals(found)})
        root.set("time", f"{verdict.seconds:.3f}")
        for standing in verdict.standings:
            own = [each for each in found if each.rung == standing.rung]
            suite = ET.SubElement(root, "testsuite", {"name": visible(standing.rung)})
            suite.attrib.update(_totals(own))
            _add_properties(suite, verdict)
            for each in own:
                _add_test(suite, verdict, each)
        ET.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def create() -> JunitReport:
    return JunitReport()


def _totals(found: Sequence[Finding]) -> dict[str, str]:
    results = [each.result for each in found]
    return {
        "tests": str(len(results)),
        "failures": str(results.count(Result.FAILED)),
        "errors": str(results.count(Result.UNMEASURABLE)),
        "skipped": str(results.count(Result.ASIDE)),
    }


def _add_properties(suite: ET.Element, verdict: Verdict) -> None:
    seen = view(verdict)
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("model", seen.model),
        ("run", seen.run),
        ("plan", verdict.plan),
        ("look", str(verdict.look)),
        ("verdict", f"{seen.headline}. {seen.reason}".strip()),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": visible(value)})


def _add_test(suite: ET.Element, verdict: Verdict, found: Finding) -> None:
    group = visible(f"{verdict.study}.{found.rung}")
    test = ET.SubElement(suite, "testcase", {"classname": group, "name": visible(found.name)})
    if found.result is Result.PASSED:
        ET.SubElement(test, "system-out").text = visible(found.text)
        return
    told = ET.SubElement(test, TAGS[found.result])
    told.set("message", visible(f"{found.result}: {found.summary}"))
    if found.result is not Result.ASIDE:
        told.set("type", found.result.value.replace(" ", "-"))
    told.text = visible(found.text)
