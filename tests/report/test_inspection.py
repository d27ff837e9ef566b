"""How an inspection is laid out: both texts with the difference marked, bounded, and safe to print."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.inspector import Inspector
from okx_doctor.forensics.tally import Tally
from okx_doctor.model import Tool
from okx_doctor.report.inspection import JsonDocument, TextDocument
from okx_doctor.secrets.request_masks import Mask
from tests.forensics.bench import BALANCE, KEYS, ORDER, STAMP, b64, capture, mac

pytestmark = pytest.mark.slow

BARE = Mask(value=str, sentence=str)


def text(*made: Capture, width: int = 80, ascii_only: bool = False, colour: bool = False) -> str:
    document = TextDocument(width=width, colour=colour, ascii_only=ascii_only)
    inspector, tally, out = Inspector(KEYS), Tally(), ""
    for one in made:
        found = inspector.inspect(one)
        tally.add(found)
        out += document.add(found, BARE)
    return out + document.end(tally, BARE)


def marked(made: Capture, width: int = 80) -> list[tuple[str, str]]:
    """The lines of the signed and the expected text that have marks, each with its marks."""
    lines = text(made, width=width).splitlines()
    return [(line, marks) for line, marks in pairwise(lines) if marks.strip() and not marks.strip("~^ ")]


def test_what_differs_is_marked_and_what_is_missing_is_pointed_at() -> None:
    made = capture(sign=b64(mac(f"{STAMP}get{BALANCE}")))
    (signed, below), (expected, under) = marked(made)

    assert below.index("~") == signed.index("get")
    assert under.index("~") == expected.index("GET")
    assert below.count("~") == under.count("~") == 3


def test_a_part_that_is_missing_at_the_end_is_pointed_at_behind_the_text() -> None:
    (signed, below), (expected, under) = marked(capture(target=f"{BALANCE}?x=1", sign=b64(mac(f"{STAMP}GET{BALANCE}"))))

    assert below.index("^") == len(signed)
    assert under.strip() == "~" * len("?x=1")
    assert expected.endswith("?x=1")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    body = json.dumps({f"field{number}": "x" * number for number in range(30)})
    made = capture("POST", ORDER, body.replace(" ", "").encode(), sign=b64(mac(f"{STAMP}POST{ORDER}{body}")))

    assert max(map(len, text(made, width=width).splitlines())) <= width


def test_a_very_long_text_is_shortened_where_both_agree() -> None:
    body = json.dumps({"a": "x" * 5000, "b": 1}, separators=(",", ":"))
    made = capture("POST", ORDER, body.encode(), sign=b64(mac(f"{STAMP}POST{ORDER}{body}\n")))
    shown = text(made)

    assert "…" in shown
    assert len(shown) < 3000
    assert "\\n" in shown


def test_an_ascii_terminal_gets_ascii() -> None:
    assert text(capture(sign=b64(mac("x"))), ascii_only=True).isascii()


def test_control_characters_of_a_capture_are_shown_as_escapes() -> None:
    shown = text(capture(target="/api/v5/\x1b[31m[/red]\u202e", sign="x"))

    assert "\x1b" not in shown
    assert "\\x1b[31m[/red]\\u202e" in shown


def test_colour_marks_the_two_texts() -> None:
    assert "\x1b[31m" in text(capture(sign=b64(mac(f"{STAMP}get{BALANCE}"))), colour=True)


def test_valid_requests_are_only_counted() -> None:
    assert text(capture(), capture()) == "2 requests: 2 valid.\n"


def test_a_warning_is_shown_and_the_request_stays_valid() -> None:
    shown = text(capture(stamp="2026-11-20T09:08:57Z"))

    assert "timestamp-precision: likely, a warning" in shown
    assert "✓ 1 request: 1 valid. The timestamp's fraction does not have three digits\n  Fix: " in shown


def test_a_right_request_refused_for_another_reason_says_so() -> None:
    assert "signed rightly, refused for another reason" in text(capture(code="50110"), width=100)


def test_unsigned_requests_alone_write_no_json() -> None:
    document, inspector = JsonDocument(Tool(version="1")), Inspector(KEYS)
    bare = capture(
        target="/api/v5/public/time",
        headers=dict.fromkeys([f"OK-ACCESS-{n}" for n in ("KEY", "SIGN", "TIMESTAMP", "PASSPHRASE")]),
    )

    assert document.add(inspector.inspect(bare), BARE) == ""
    first = document.add(inspector.inspect(capture()), BARE)
    assert [row["verdict"] for row in json.loads(first + document.end(Tally(), BARE))["requests"]] == [
        "unsigned",
        "valid",
    ]


@pytest.mark.parametrize(
    "body",
    [b"[" * 900 + b"]" * 900, b'{"a":' * 300 + b"1" + b"}" * 300, b'{"a":1e999,"b":-0.0,"c":1e-400}', b"\xff" * 50],
)
def test_an_odd_body_is_inspected_to_the_end(body: bytes) -> None:
    assert "unexplained" in text(capture("POST", ORDER, body, sign=b64(mac("x"))))


@pytest.mark.parametrize(
    "stamp", ["9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "9" * 19, "2026-11-20T09:08:57.715+99:99", "0"]
)
def test_a_moment_at_the_end_of_time_is_inspected_to_the_end(stamp: str) -> None:
    assert "unexplained" in text(capture(stamp=stamp, sign=b64(mac("x"))))
