"""Object literals are read as they were printed, in one pass, whatever they hold, and nothing of them is run."""

from __future__ import annotations

import json
import pprint
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.forensics.captures import literals
from okx_doctor.forensics.captures.capture import Capture, Malformed, Unreadable
from okx_doctor.forensics.captures.detect import pieces
from okx_doctor.forensics.captures.literals import LeftOut, Value
from okx_doctor.forensics.inspector import Inspector
from tests.forensics.bench import KEYS, ORDER, STAMP, b64, mac
from tests.forensics.captures.making import BODY, HEADERS, URL

pytestmark = pytest.mark.slow

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z_]{0,10}", fullmatch=True)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), TEXT, st.integers().map(str)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, min_size=1, max_size=4),
    max_leaves=12,
)


def only(text: str) -> Value:
    (found,) = literals.read(text)
    return found.value


@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4))
def test_a_dict_comes_back_from_its_repr_its_json_and_its_pretty_print(value: dict[str, Value]) -> None:
    assert only(repr(value)) == value
    assert only(json.dumps(value)) == value
    assert only(json.dumps(value, ensure_ascii=False, indent=2)) == value
    assert only(pprint.pformat(value, width=30)) == value


@given(st.dictionaries(NAMES, TEXT, min_size=1, max_size=4))
def test_a_javascript_object_comes_back_in_each_of_its_quotes(value: dict[str, Value]) -> None:
    for quote in "'\"`":
        written = {name: str(text).replace("\\", "\\\\").replace(quote, f"\\{quote}") for name, text in value.items()}
        told = {name: text.replace("\n", "\\n").replace("\r", "\\r") for name, text in written.items()}
        assert only("({" + ", ".join(f"{name}: {quote}{text}{quote}" for name, text in told.items()) + ",})") == value


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        literals.read(text)
    except Malformed as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "{ a: undefined, b: null, c: [Object], d: [Circular *1] }",
            {"a": None, "b": None, "c": "[Object]", "d": "[Circular *1]"},
        ),
        ("{ url: 'https://x/y', /* no */ a: 1, // yes\n b: 2 }", {"url": "https://x/y", "a": "1", "b": "2"}),
        ("{ at: 2026-11-20T09:08:57.715Z }", {"at": "2026-11-20T09:08:57.715Z"}),
        ("{ a: 'x' +\n 'y', b: <Buffer 7b 7d> }", {"a": "xy", "b": b"{}"}),
        ("Map(1) { 'a' => 1 }", {"a": "1"}),
        (
            "<ref *1> A { [Symbol(k)]: [Function (anonymous)], b: -0 }",
            {"[Symbol(k)]": "[Function (anonymous)]", "b": "-0"},
        ),
        ("{'a': b'x\\xff', 'b': Headers({'c': 'd'})}", {"a": b"x\xff", "b": {"c": "d"}}),
        ("{'__proto__': {'a': 1}, n: 1e999999999}", {"__proto__": {"a": "1"}, "n": "1e999999999"}),
        ('{"a"=>nil, "b"=>"c"}', {"a": None, "b": "c"}),
    ],
)
def test_what_programs_print_is_read_as_they_mean_it(text: str, value: Value) -> None:
    assert only(text) == value


def test_a_text_that_its_printer_cut_is_left_out() -> None:
    value = only("{ body: 'abc'... 100 more characters, b: <Buffer 7b ... 9 more bytes> }")
    assert isinstance(value, dict)
    assert isinstance(value["body"], LeftOut) and isinstance(value["b"], LeftOut)


RIGHT = b64(mac(f"{STAMP}POST{ORDER}{BODY}"))
GOOD = repr({"method": "POST", "url": URL, "headers": HEADERS, "body": BODY})


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("{'OK-ACCESS-KEY': " + "[" * 10_000, "levels deep"),
        ("{'OK-ACCESS-KEY': " + "{a:" * 10_000, "levels deep"),
        (GOOD[: len(GOOD) // 2], "cut off"),
        ("{ headers: [Object], url: '" + URL + "', method: 'GET' }", None),
        ("{ headers: { 'OK-ACCESS-KEY': 'x' }, url: '" + URL + "', method: 'POST', data: [Object] }", "left out"),
        ("{ 'OK-ACCESS-KEY': 'x', 'OK-ACCESS-SIGN': 'y' }", "no address"),
        ("{'OK-ACCESS-KEY': '" + "x" * 5_000_000 + "', 'a': [", "too long"),
        ("{ get url() { return process.exit() }, headers: { 'OK-ACCESS-KEY': 'x' } }", None),
    ],
)
def test_a_bad_dump_is_one_line_with_its_place_and_the_good_ones_are_judged(bad: str, why: str | None) -> None:
    raw = f"{GOOD}\n{bad}\nINFO going on\n{GOOD}\n".encode()
    found = list(pieces(BytesIO(raw)))
    good = [piece for piece in found if isinstance(piece, Capture) and piece.request.body == BODY.encode()]
    said = [piece for piece in found if isinstance(piece, Unreadable)]
    assert len(good) == 2
    assert len(said) <= 1
    if why is not None:
        assert said[0].place == "line 2"
        assert why in said[0].why
        assert "\n" not in said[0].why


def test_binary_noise_between_two_dumps_takes_none_with_it() -> None:
    raw = GOOD.encode() + b"\n" + bytes(range(1, 256)) * 20 + b"\n" + GOOD.encode() + b"\n"
    assert sum(isinstance(piece, Capture) for piece in pieces(BytesIO(raw))) == 2


def test_an_export_without_a_request_to_okx_says_so() -> None:
    export = {
        "info": {"name": "x"},
        "item": [{"request": {"method": "GET", "header": [], "url": {"raw": "https://example.com/"}}}],
    }
    found = list(pieces(BytesIO(json.dumps(export).encode())))
    assert [piece.why for piece in found if isinstance(piece, Unreadable)] == ["holds no request to OKX"]


def test_an_unknown_field_is_named_and_the_body_is_read_by_each_clients_name_for_it() -> None:
    for name in ("body", "data", "payload", "content"):
        line = json.dumps({"method": "POST", "url": URL, "headers": HEADERS, name: BODY, "speed": 1}).encode()
        (piece,) = pieces(BytesIO(line))
        assert isinstance(piece, Capture)
        assert piece.request.body == BODY.encode()
        assert piece.notes == ("not read, because it is not known: speed",)


@pytest.mark.parametrize(
    "mask", ["...", "***", "<redacted>", "[REMOVED]", "xxxx", "37c5****8418", "\u2022\u2022\u2022\u2022"]
)
@pytest.mark.parametrize("name", list(HEADERS))
def test_a_mask_is_not_judged_and_a_missing_signature_is_asked_for(mask: str, name: str) -> None:
    line = json.dumps(
        {
            "method": "POST",
            "url": URL,
            "headers": HEADERS | {"OK-ACCESS-SIGN": RIGHT, "Content-Type": "application/json", name: mask},
            "body": BODY,
        }
    ).encode()
    (piece,) = pieces(BytesIO(line))
    assert isinstance(piece, Capture)
    judged = Inspector(KEYS).inspect(piece)
    assert not judged.causes
    assert name in piece.notes[0]
    asked = name in ("OK-ACCESS-SIGN", "OK-ACCESS-TIMESTAMP")
    assert ("no secret" in piece.notes[0]) == asked
    assert judged.verdict.value == ("unexplained" if asked else "valid")
