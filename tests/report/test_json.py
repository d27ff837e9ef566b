"""The JSON report: its schema, held against the types, and what a reader of it may rely on."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from okx_doctor.checking.assemble import SCHEMA
from okx_doctor.model import Report
from okx_doctor.observations import KINDS
from okx_doctor.protocol.sites import SITE_IDS
from okx_doctor.report.json import render_json
from tests.schemas import schema_of

CASES = (
    "healthy",
    "healthy-offline",
    "one-cause",
    "three-causes",
    "undetermined",
    "undetermined-without-a-cause",
    "warning-only",
    "crash",
)


@pytest.mark.parametrize("case", CASES)
def test_a_report_fits_the_schema(case: str, reports: Mapping[str, Report]) -> None:
    _validator().validate(json.loads(render_json(reports[case])))


def test_a_report_is_one_object_on_lines_of_ascii_that_ends_with_a_newline(
    reports: Mapping[str, Report],
) -> None:
    text = render_json(reports["one-cause"])
    assert text.startswith("{\n") and text.endswith("}\n")
    assert text.isascii() and "\\u00b1" in text
    assert list(json.loads(text)) == [
        "schema",
        "tool",
        "started_at",
        "duration_ms",
        "target",
        "status",
        "verdict",
        "checks",
    ]


def test_foreign_text_cannot_leave_its_string(reports: Mapping[str, Report]) -> None:
    text = render_json(reports["hostile"])
    assert not [char for char in text if ord(char) < 32 and char != "\n"]
    assert json.loads(text)["target"]["site"] == reports["hostile"].target.site


def test_the_causes_stand_in_the_order_to_fix_them(reports: Mapping[str, Report]) -> None:
    document = json.loads(render_json(reports["three-causes"]))
    assert [cause["id"] for cause in document["verdict"]["causes"]] == [
        "clock-drift",
        "wrong-site",
        "passphrase-wrong",
    ]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("status", "fine"),
        ("schema", "okx-doctor/report/2"),
        ("started_at", "2026-11-22T13:54:07Z"),
        ("duration_ms", -1),
        ("duration_ms", 0.5),
        ("extra", 1),
        ("target.site", "moon"),
        ("target.extra", 1),
        ("tool.name", "okx"),
        ("verdict.extra", []),
        ("verdict.causes.0.severity", "fatal"),
        ("verdict.causes.0.confidence", "sure"),
        ("verdict.causes.0.because", []),
        ("verdict.causes.0.extra", 1),
        ("verdict.causes.0.id", "Clock Drift"),
        ("verdict.causes.0.remedy.extra", 1),
        ("verdict.causes.0.remedy.text", ""),
        ("verdict.ruled_out.0.extra", 1),
        ("checks", []),
        ("checks.0.status", "ok"),
        ("checks.0.id", "nothing"),
        ("checks.0.extra", 1),
        ("checks.0.observations", []),
        ("checks.0.observations.secrets", [{}]),
        ("checks.11.observations.exchange_times", []),
        ("checks.11.observations.exchange_times.0.offset_s", "45"),
        ("checks.11.observations.exchange_times.0.extra", 1),
    ],
)
def test_the_schema_refuses_what_no_report_holds(where: str, value: object, reports: Mapping[str, Report]) -> None:
    document = json.loads(render_json(reports["one-cause"]))
    changed = copy.deepcopy(document)
    *way, last = [int(step) if step.isdigit() else step for step in where.split(".")]
    inner = changed
    for step in way:
        inner = inner[step]
    inner[last] = value
    assert _validator().is_valid(document)
    assert not _validator().is_valid(changed)


@pytest.mark.parametrize("field", ["schema", "tool", "started_at", "target", "status", "verdict", "checks"])
def test_the_schema_misses_a_field_that_is_not_there(field: str, reports: Mapping[str, Report]) -> None:
    document = json.loads(render_json(reports["healthy"]))
    del document[field]
    assert not _validator().is_valid(document)


def test_the_schema_names_itself_as_the_report_does() -> None:
    assert _schema()["properties"]["schema"] == {"const": SCHEMA}


def test_the_schema_has_every_site_and_every_kind_of_observation() -> None:
    parts = _schema()["$defs"]
    assert parts["TargetSummary"]["properties"]["site"]["enum"] == [*SITE_IDS, "custom"]
    assert list(parts["CheckResult"]["properties"]["observations"]["properties"]) == list(KINDS)


def _schema() -> dict[str, Any]:
    return schema_of("report")


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(_schema())
