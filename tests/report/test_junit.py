"""The report as JUnit XML, read by a real parser against the schema of Jenkins' xUnit plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from okx_doctor.model import CheckStatus, Report
from okx_doctor.report.junit import render_junit
from okx_doctor.report.sharing import for_others, masked
from okx_doctor.secrets.foreign_text import visible
from tests.report.foreign import with_foreign

XSD = Path(__file__).parents[1] / "data" / "schemas" / "junit-10.xsd"
CASES = ("healthy", "one-cause", "three-causes", "undetermined", "warning-only", "crash", "hostile")
EVERY = (*CASES, "healthy-offline", "undetermined-without-a-cause", "requests")
CHILD = {
    CheckStatus.PASS: "system-out",
    CheckStatus.WARN: "system-out",
    CheckStatus.FAIL: "failure",
    CheckStatus.SKIP: "skipped",
    CheckStatus.UNKNOWN: "error",
    CheckStatus.CRASH: "error",
}


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD))


def parsed(text: str) -> etree._Element:
    """The document, valid, parsed without recovering from anything."""
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    schema().assertValid(root)
    return root


def texts(root: etree._Element, path: str) -> list[str]:
    """What an XPath expression for text or attributes finds."""
    found = root.xpath(path)
    assert isinstance(found, list)
    return [str(text) for text in found]


SIGNED = "//testcase[starts-with(@name, 'signed.config')]/failure"


@pytest.mark.parametrize("case", CASES)
def test_a_report_reads_as_its_golden_text(
    case: str, reports: Mapping[str, Report], golden: Callable[[str, str], None]
) -> None:
    golden(f"{case}.junit.xml", render_junit(reports[case]))


@pytest.mark.parametrize("case", EVERY)
def test_a_report_fits_the_schema_and_counts_right(case: str, reports: Mapping[str, Report]) -> None:
    report = reports[case]
    root = parsed(render_junit(report, note="a note"))
    suite = root.find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert len(cases) == len(report.checks) == int(suite.get("tests", ""))
    for name, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(name, "")) == sum(case.find(child) is not None for case in cases)
        assert name == "skipped" or root.get(name) == suite.get(name)


@pytest.mark.parametrize("case", EVERY)
def test_every_check_is_one_case_with_what_became_of_it(case: str, reports: Mapping[str, Report]) -> None:
    report = reports[case]
    for check, found in zip(for_others(report).checks, parsed(render_junit(report)).iter("testcase"), strict=True):
        assert found.get("name") == f"{check.id}: {check.title}"
        assert [child.tag for child in found] == [CHILD[check.status]]
        told = (found[0].text or "") + (found[0].get("message") or "")
        assert visible(check.summary) in told


def test_a_failure_names_its_causes_with_proof_and_remedy(reports: Mapping[str, Report]) -> None:
    report = reports["three-causes"]
    root = parsed(render_junit(report))
    assert texts(root, f"{SIGNED}/@type") == ["clock-drift, wrong-site, passphrase-wrong"]
    (failure,) = texts(root, f"{SIGNED}/text()")
    for cause in report.verdict.causes:
        for part in (cause.title, *cause.because, cause.remedy.text, *cause.remedy.commands):
            assert part in failure


def test_a_warning_fails_nothing_and_stands_in_the_output(reports: Mapping[str, Report]) -> None:
    root = parsed(render_junit(reports["warning-only"]))
    assert root.get("failures") == root.get("errors") == "0"
    (out,) = texts(root, "//testcase[starts-with(@name, 'key.binding')]/system-out/text()")
    assert "api-key-expiring" in out and "14 days" in out and "Bind the key" in out


def test_a_failure_tells_the_warnings_of_its_check_too(reports: Mapping[str, Report]) -> None:
    report = reports["three-causes"]
    (warning,) = reports["warning-only"].verdict.causes
    causes = (*report.verdict.causes, replace(warning, checks=("signed.config",)))
    root = parsed(render_junit(replace(report, verdict=replace(report.verdict, causes=causes))))

    assert texts(root, f"{SIGNED}/@type") == ["clock-drift, wrong-site, passphrase-wrong"]
    (failure,) = texts(root, f"{SIGNED}/text()")
    assert "api-key-expiring" in failure and warning.remedy.text in failure


def test_addresses_are_cut_short(reports: Mapping[str, Report]) -> None:
    text = render_junit(reports["requests"])
    assert "203.0.113.77" not in text and "203.0.113.x" in text


def test_hostile_text_stays_text(hostile_markup: Report) -> None:
    root = parsed(render_junit(hostile_markup))
    allowed = {"testsuites", "testsuite", "properties", "property", "testcase", "failure", "system-out", "skipped"}
    assert {str(found.tag) for found in root.iter()} <= allowed
    (version,) = texts(root, "//property[@name='version']/@value")
    assert version == visible(masked(hostile_markup.tool.version))


def test_a_refusal_without_a_cause_fails_with_what_was_measured(reports: Mapping[str, Report]) -> None:
    report = reports["undetermined-without-a-cause"]
    (summary,) = (check.summary for check in for_others(report).checks if check.id == "signed.config")
    (failure,) = parsed(render_junit(report)).iter("failure")

    assert (failure.get("type"), failure.get("message"), failure.text) == ("refused", summary, summary)


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [(0, "0.000"), (1, "0.001"), (1_234, "1.234"), (-5, "0.000"), (86_400_000, "86400.000"), (10**18, "86400.000")],
)
def test_a_duration_is_told_in_seconds_up_to_a_day(
    milliseconds: int, seconds: str, reports: Mapping[str, Report]
) -> None:
    report = reports["healthy"]
    checks = tuple(replace(check, duration_ms=milliseconds) for check in for_others(report).checks)
    root = parsed(render_junit(replace(report, checks=checks, duration_ms=milliseconds)))

    assert {found.get("time") for found in root.iter("testsuites", "testsuite", "testcase")} == {seconds}


@pytest.mark.parametrize("case", EVERY)
def test_whatever_a_saved_report_holds_the_document_is_valid(case: str, reports: Mapping[str, Report]) -> None:
    text = '\0\x1b\ufffe<&"]]>\ud800\n'
    report = replace(reports[case], started_at="2026-11-22T10:00:00.5Z")
    root = parsed(render_junit(replace(with_foreign(report, text), started_at=report.started_at)))

    (base_url,) = texts(root, "//property[@name='base_url']/@value")
    assert base_url == report.target.base_url + visible(text)
    damaged = render_junit(replace(report, started_at=text))
    assert len(list(etree.fromstring(damaged.encode()).iter("testcase"))) == len(report.checks)


@given(text=st.text(), milliseconds=st.integers())
def test_whatever_a_server_says_the_document_is_valid_and_says_it(
    text: str, milliseconds: int, reports: Mapping[str, Report]
) -> None:
    report = reports["one-cause"]
    checks = tuple(replace(check, summary=text, duration_ms=milliseconds) for check in for_others(report).checks)
    cause = replace(report.verdict.causes[0], because=(text,))
    root = parsed(render_junit(replace(report, checks=checks, verdict=replace(report.verdict, causes=(cause,)))))
    (failure,) = texts(root, f"{SIGNED}/text()")
    assert visible(masked(text)) in failure
