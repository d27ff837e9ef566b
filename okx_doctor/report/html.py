"""A report as one page of HTML that can be sent to a colleague: nothing in it is loaded from anywhere or runs.

The standard library's ElementTree writes it, so that no text can leave its place; its style sheet is ``page.css``,
the only thing that the page's Content-Security-Policy allows, by hash.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from okx_doctor.model import Cause, CheckResult, CheckStatus, Confidence, Health, Report, Severity
from okx_doctor.report.clock_drawing import clock_drawing
from okx_doctor.report.markup import Node, document, element
from okx_doctor.report.sharing import for_others
from okx_doctor.report.timeline import Request, requests
from okx_doctor.report.wording import (
    NEXT_STEP,
    asked_okx,
    crashed_by_a_bug,
    headline,
    moment,
    standing_of,
    target,
    whose,
)
from okx_doctor.repository import page_of

_GLYPHS: Final[Mapping[CheckStatus, tuple[str, str]]] = {
    CheckStatus.PASS: ("✓", "passed"),
    CheckStatus.WARN: ("!", "warning"),
    CheckStatus.FAIL: ("✗", "failed"),
    CheckStatus.SKIP: ("–", "skipped"),
    CheckStatus.UNKNOWN: ("?", "not known"),
    CheckStatus.CRASH: ("☠", "crashed"),
}
_HEALTH: Final[Mapping[Health, tuple[str, str]]] = {
    Health.HEALTHY: ("✓", "#1a7f37"),
    Health.UNHEALTHY: ("✗", "#c9303e"),
    Health.UNDETERMINED: ("?", "#9a6700"),
}
_SURENESS: Final[Mapping[Confidence, str]] = {
    Confidence.PROVEN: "reproduced, or read on the machine itself",
    Confidence.STATED: "OKX's answer says so and nothing contradicts it",
    Confidence.LIKELY: "what was seen points to it",
    Confidence.POSSIBLE: "it cannot be excluded",
}


def render_html(report: Report, *, note: str = "") -> str:
    """The whole page. IP addresses are cut short in it."""
    report = for_others(report)
    return document(
        element("html", _head(report), element("body", _banner(report, note), _main(report), _foot(report)), lang="en")
    )


def _head(report: Report) -> ET.Element:
    style = files("okx_doctor.report").joinpath("page.css").read_text("utf-8")
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; form-action 'none'"
    sheet = ET.Element("style")
    sheet.text = style
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex"),
        element("title", f"okx-doctor: {headline(report)}"),
        element("link", rel="icon", href=_icon(report.status)),
        sheet,
    )


def _icon(status: Health) -> str:
    glyph, colour = _HEALTH[status]
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="{colour}"/>'
        f'<text x="16" y="23" font-size="20" text-anchor="middle" fill="#fff">{glyph}</text></svg>'
    )
    return f"data:image/svg+xml,{quote(drawing)}"


def _banner(report: Report, note: str) -> ET.Element:
    glyph, _ = _HEALTH[report.status]
    words = headline(report)
    facts = (
        ("Asked", report.target.base_url),
        ("Site", f"{report.target.site}, {report.target.environment}"),
        *((("Key", whose(report)),) if whose(report) else ()),
        *((("Way", report.target.address),) if report.target.address else ()),
        *((("The bot's own", "; ".join(report.target.settings)),) if report.target.settings else ()),
        ("Started", moment(report)),
        ("Took", _took(report.duration_ms)),
    )
    return element(
        "header",
        element("p", "okx-doctor", class_="brand"),
        element(
            "div",
            element("span", glyph, class_="seal", aria_hidden="true"),
            element(
                "div",
                element("h1", words[:1].upper() + words[1:]),
                *(element("p", cause.title) for cause in report.verdict.causes[:1] if len(report.verdict.causes) == 1),
                class_="words",
            ),
            class_="verdict",
        ),
        element("dl", *(_fact(name, value) for name, value in facts), class_="facts"),
        *((element("p", note, class_="note"),) if note else ()),
        class_=f"banner {report.status.value}",
    )


def _fact(name: str, value: str) -> ET.Element:
    return element("div", element("dt", name), element("dd", value))


def _main(report: Report) -> ET.Element:
    return element(
        "main",
        *_causes(report),
        *_next(report),
        *_section("The clock", clock_drawing(report)),
        *_section("Requests", _timeline(requests(report))),
        *_section("Checks", _tally(report.checks), _checklist(report.checks)),
        *_section("Not judged", _grouped((f"needs {row.missing}", row.id) for row in report.verdict.undetermined)),
        *_section("Ruled out", _grouped((row.because, row.id) for row in report.verdict.ruled_out)),
    )


def _section(title: str, *parts: ET.Element | None) -> Iterator[ET.Element]:
    """A section, where it has something in it."""
    shown = [part for part in parts if part is not None]
    if not shown:
        return
    name = title.lower().replace(" ", "-")
    yield element("section", element("h2", title, id=name), *shown, aria_labelledby=name)


def _causes(report: Report) -> Iterator[ET.Element]:
    causes = report.verdict.causes
    if not causes:
        return
    title = "Causes, to fix in this order" if len(causes) > 1 else "Cause"
    numbered = (_cause(cause, number if len(causes) > 1 else 0) for number, cause in enumerate(causes, 1))
    yield element("section", element("h2", title, id="causes"), *numbered, aria_labelledby="causes")


def _cause(cause: Cause, number: int) -> ET.Element:
    to_write = (*cause.remedy.lines, *cause.remedy.commands)
    commands: list[Node] = [element("pre", element("code", line)) for line in to_write]
    return element(
        "article",
        element("h3", f"{number}. " if number else "", cause.title),
        element(
            "p",
            element("span", standing_of(cause), class_="badge"),
            " ",
            element("span", _SURENESS[cause.confidence], class_="muted"),
            " ",
            element("code", cause.id, class_="id"),
            class_="standing",
        ),
        element("h4", "Proof" if cause.confidence.is_sure else "Evidence"),
        element("ul", *(element("li", line) for line in cause.because)),
        element("h4", "Fix"),
        element("p", cause.remedy.text),
        *commands,
        element(
            "p",
            "then ",
            element("code", cause.remedy.verify),
            "; more: ",
            element("code", f"okx-doctor explain {cause.id}"),
            *((", ", element("a", address, href=address)) if (address := page_of(cause.id)) else ()),
            class_="muted",
        ),
        class_=f"cause {'error' if cause.severity is Severity.ERROR else 'warning'}",
    )


def _next(report: Report) -> Iterator[ET.Element]:
    crashed = [check.id for check in report.checks if check.status is CheckStatus.CRASH]
    if crashed:
        yield element("p", f"{', '.join(crashed)} {crashed_by_a_bug()}", class_="aside")
    if report.status is Health.HEALTHY and asked_okx(report):
        yield element("p", NEXT_STEP, class_="aside")


def _timeline(made: tuple[Request, ...]) -> ET.Element | None:
    if not made:
        return None
    return element("ol", *map(_request, made), class_="timeline")


def _request(request: Request) -> ET.Element:
    when = f"+{_took(request.started_ms)}" if request.started_ms is not None else ""
    took = f", {_took(request.duration_ms)}" if request.duration_ms is not None else ""
    return element(
        "li",
        element("span", when, class_="when"),
        element(
            "div",
            element("p", element("b", request.what), " ", element("span", request.state, class_="state")),
            element("p", element("span", request.answer, class_="answer")),
            element("p", f"{request.asked}{took}", class_="muted"),
        ),
        class_=request.outcome,
    )


def _tally(checks: Iterable[CheckResult]) -> ET.Element:
    statuses = [check.status for check in checks]
    return element(
        "p",
        ", ".join(f"{statuses.count(status)} {word}" for status, (_, word) in _GLYPHS.items() if status in statuses),
        class_="muted",
    )


def _checklist(checks: Iterable[CheckResult]) -> ET.Element:
    rows: list[Node] = []
    for check in checks:
        glyph, word = _GLYPHS[check.status]
        mark = (element("span", glyph, aria_hidden="true"), element("span", word, class_="unseen"))
        told = (
            element(
                "p",
                *((element("b", check.title), " ") if check.status is CheckStatus.PASS else ()),
                element("code", check.id, class_="id"),
            ),
            element("p", check.summary, class_="muted"),
        )
        took = "" if check.status is CheckStatus.SKIP else _took(check.duration_ms)
        rows.append(
            element(
                "li",
                element("span", *mark, class_="mark"),
                element("div", *told),
                element("span", took, class_="took"),
                class_=check.status.value,
            )
        )
    return element("ul", *rows, class_="checklist")


def _grouped(rows: Iterable[tuple[str, str]]) -> ET.Element | None:
    """Cause ids under the reason that they share."""
    grouped: dict[str, list[str]] = {}
    for reason, name in rows:
        grouped.setdefault(reason, []).append(name)
    if not grouped:
        return None
    return element(
        "dl",
        *(
            element(
                "div",
                element("dt", reason),
                element("dd", *(part for name in names for part in (element("code", name, class_="id"), " "))),
            )
            for reason, names in grouped.items()
        ),
        class_="grouped",
    )


def _foot(report: Report) -> ET.Element:
    return element(
        "footer",
        element(
            "p",
            f"Made by okx-doctor {report.tool.version} against {target(report)}. No credential is in this page; IP "
            "addresses are cut short in it. It loads nothing and runs nothing.",
        ),
    )


def _took(milliseconds: int) -> str:
    if milliseconds < 10_000:
        return f"{milliseconds} ms"
    return f"{milliseconds // 1000}.{milliseconds % 1000 // 100} s"  # whole numbers: a damaged report's may be vast
