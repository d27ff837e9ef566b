"""What is taken out of texts about requests: the loaded credentials, and those that a request itself carries."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.request_masks import Masks
from okx_doctor.secrets.secret import MASK, Secret
from tests.memory import peak

pytestmark = pytest.mark.slow

SECRET = "9F3B7C21E8D04A56B1C7F02D93E84A6B"
PASSPHRASE = "Abc-12345!"
MASKS = Masks((Secret(SECRET), Secret(PASSPHRASE)))
STAMP = "2026-11-20T09:08:57.715Z"


def _request(*headers: tuple[str, str]) -> WireRequest:
    return WireRequest(method="GET", target="/api/v5/account/balance", headers=headers)


def _spelled(value: str) -> tuple[str, ...]:
    coded = base64.b64encode(value.encode()).decode()
    return value, value.upper(), value.lower(), quote(value, safe=""), coded, value.encode().hex()


@pytest.mark.parametrize("text", _spelled(SECRET) + _spelled(PASSPHRASE))
def test_a_loaded_value_is_masked_in_every_text_however_it_is_spelled(text: str) -> None:
    for mask in (
        MASKS.loaded,
        MASKS.carried(_request()),
        MASKS.carried(_request(("X-Token", "12345678"))),
    ):
        assert mask.value(f"a {text} b") == mask.sentence(f"a {text} b") == f"a {MASK} b"


def test_what_holds_nothing_known_stays_as_it_is() -> None:
    carried = MASKS.carried(_request((KEY_HEADER, "another-key-1")))
    for mask in (MASKS.loaded, carried):
        assert mask.value("GET /api/v5/account/balance?ccy=BTC") == "GET /api/v5/account/balance?ccy=BTC"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (KEY_HEADER, "key1"),
        (KEY_HEADER.lower(), "another-key-1"),
        (PASSPHRASE_HEADER, "p-1!"),
        (PASSPHRASE_HEADER.upper(), "An0ther?phrase"),
        (TIMESTAMP_HEADER, "An0ther?phrase"),
        ("OK_ACCESS_PASSPHRASE", "An0ther?"),
        ("X-Secret", "An0ther?phrase"),
        ("Authorization", "Bearer An0ther?phrase"),
        ("cookie", "session=An0ther"),
        ("x-auth-token", "An0ther?phrase"),
        ("My-Passwd", "An0ther?phrase"),
        ("Password", "An0ther?phrase"),
        ("X-Api-Key", "An0ther?phrase"),
    ],
)
def test_a_credential_that_a_request_carries_is_masked_wherever_it_stands_in_it(name: str, value: str) -> None:
    request = _request((SIGN_HEADER, "c2lnbg=="), (name, value))
    masks = (MASKS.carried(request), MASKS.carried(request))
    for mask in masks:
        assert mask.value(f"?x={value}&y") == mask.sentence(f"?x={value}&y") == f"?x={MASK}&y"
        if len(value) > 8:
            assert [text for text in _spelled(value) if text in mask.value(f"<{text}>")] == []
        assert SECRET not in mask.value(f"{value} and {SECRET}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (KEY_HEADER, ""),
        (TIMESTAMP_HEADER, STAMP),
        (TIMESTAMP_HEADER, "1795165737.715"),
        (SIGN_HEADER, "c2lnbmF0dXJl"),
        ("X-Token", "1234567"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="),
        ("SEC-WEBSOCKET-KEY", "dGhlIHNhbXBsZQ=="),
        ("User-Agent", "my-bot/1.0"),
        ("Content-Type", "application/json"),
    ],
)
def test_what_is_no_credential_is_shown(name: str, value: str) -> None:
    assert MASKS.carried(_request((name, value))).value(f"x {value} y") == f"x {value} y"


@pytest.mark.parametrize("size", [255, 256, 257, 100_000])
def test_a_header_of_any_length_is_masked_as_it_stands_beside_others(size: int) -> None:
    long = "ab" * (size // 2) + "c" * (size % 2)
    mask = MASKS.carried(_request((KEY_HEADER, "another-key-1"), ("Cookie", long)))

    assert mask.value(f"{long}, another-key-1, {SECRET}") == f"{MASK}, {MASK}, {MASK}"
    assert mask.value("x" * 1_000 + "another-key-1") == "x" * 1_000 + MASK


def test_what_one_request_carries_is_not_masked_in_another() -> None:
    first = MASKS.carried(_request((KEY_HEADER, "another-key-1")))
    second = MASKS.carried(_request((KEY_HEADER, "another-key-2")))

    assert (first.value("another-key-1"), first.value("another-key-2")) == (MASK, "another-key-2")
    assert (second.value("another-key-1"), second.value("another-key-2")) == ("another-key-1", MASK)
    assert first.value("another-key-1") == MASK


@pytest.mark.parametrize("word", ["passphrase", "font-family", "okx_doctor", "API key"])
def test_a_mere_word_of_the_product_s_own_stays_in_its_sentences(word: str) -> None:
    redact = redactor_of([Secret(word), Secret(SECRET)])

    assert redact.told(f"the {word} of {SECRET}") == f"the {word} of {MASK}"
    assert redact.foreign(f"the {word} of {SECRET}") == f"the {MASK} of {MASK}"


@pytest.mark.parametrize("word", ["Xylophonquark", "Pass-1-phrase", "passphrase1", "onke", "nkeyp", "rovenance"])
def test_any_other_word_is_masked_everywhere(word: str) -> None:
    redact = redactor_of([Secret(word)])

    assert (redact.told(f"a {word} b"), redact.foreign(f"a {word} b")) == (f"a {MASK} b", f"a {MASK} b")


def test_a_request_full_of_tokens_is_masked_in_bounded_memory() -> None:
    tokens = [f"{number:03}{'Ab3-' * 60}" for number in range(250)]
    request = _request(*((f"X-Token-{number}", token) for number, token in enumerate(tokens)))

    masked, most = peak(lambda: MASKS.carried(request).value(" ".join(tokens)))

    assert masked == " ".join([MASK] * 250)
    assert most < 3_000_000, "bytes; every spelling of them all would take many times as much"


FIELD = "hunter-2-Zq"


@pytest.mark.parametrize(
    "name", ["secret", "secretKey", "passphrase", "apiSecret", "password", "api_key", "OKX_SECRET"]
)
@pytest.mark.parametrize(
    "spelled",
    [
        "?{name}={value}&x=1",
        "?x=1&{name}={value}",
        '{{"{name}":"{value}","x":1}}',
        '{{"{name}" : "{value}"}}',
        "{{'{name}': '{value}'}}",
        '{{\\"{name}\\":\\"{value}\\"}}',
        "x=1&{name}={value}",
    ],
)
@pytest.mark.parametrize("value", [FIELD, "ab", "12345678"])
def test_a_field_of_a_credential_is_masked_in_any_request_whatever_is_loaded(
    name: str, spelled: str, value: str
) -> None:
    text = spelled.format(name=name, value=value)
    target = f"/api/v5/x{text}" if text.startswith("?") else "/api/v5/x"
    request = WireRequest(method="POST", target=target, headers=(), body=b"" if target == text else text.encode())
    for mask in (Masks(()).carried(request), Masks(()).loaded, MASKS.carried(request)):
        shown = mask.value(f"2026Z POST{text}")
        assert MASK in shown and value not in shown
        assert ("x=1" in shown) == ("x=1" in text)


def test_the_value_of_such_a_field_is_masked_where_else_it_stands_in_the_request() -> None:
    request = WireRequest(method="GET", target=f"/a?pass%70hrase={quote(FIELD, safe='')}", headers=())
    mask = Masks(()).carried(request)

    assert [text for text in _spelled(FIELD) if text in mask.value(f"<{text}>")] == []


@pytest.mark.parametrize(
    "body",
    [
        '{{"sec\\u0072et":"{value}","x":1}}',
        '{{"secret":["{value}"],"x":1}}',
        '{{"secret":{{"a":[{{"b":"{value}"}}]}},"x":1}}',
        '[{{"a":{{"API_S\\u0045CRET":"{value}"}}}},{{"x":1}}]',
        '{{"secretKey":[\n "{value}" ],"x":1}}',
    ],
)
@pytest.mark.parametrize("value", [FIELD, 'hun"ter-2', "hunter-é-2"])
def test_a_field_of_json_is_one_however_it_is_escaped_and_nested(body: str, value: str) -> None:
    for written in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        text = body.format(value=written)
        request = WireRequest(method="POST", target="/api/v5/x", headers=(), body=text.encode())
        told = Masks(()).carried(request).value(f"2026Z POST{text}")
        assert MASK in told
        assert not any(spelled in told for spelled in (value, written))
        assert "x" in told


def _nested(inside: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.lists(inside, min_size=1, max_size=3), st.dictionaries(WORDS, inside, min_size=1, max_size=3))


WORDS = st.sampled_from(["a", "of", "it is", "name", "\u00fc"])
RECOGNISED = "JQZ"
"""Letters that stand in the values alone, so that one character is seen where it is shown."""
VALUES = st.recursive(st.text("JQZé\"'\\\n ,:}]", min_size=1, max_size=5), _nested, max_leaves=6)
SERIALISED: dict[str, Callable[[object], str]] = {
    "as requests does it": json.dumps,
    "compact": lambda body: json.dumps(body, separators=(",", ":"), ensure_ascii=False),
    "over several lines": lambda body: json.dumps(body, indent=2),
    "twice": lambda body: json.dumps(json.dumps(body)),
    "by Python's repr": repr,
    "with an escaped name": lambda body: json.dumps(body).replace('ret"', 're\\u0074"').replace('ase"', '\\u0061se"'),
}


@given(
    value=VALUES,
    name=st.sampled_from(["secret", "apiSecret", "passphrase", "OKX_PASSPHRASE", "secretKey"]),
    places=st.lists(st.sampled_from(["list", "credentials", "a"]), max_size=4),
    serialise=st.sampled_from(list(SERIALISED.values())),
)
@example(value="Z1", name="passphrase", places=["credentials"], serialise=json.dumps)
@example(value={"a": ["J", {"of": "Q"}]}, name="secret", places=[], serialise=json.dumps)
def test_a_value_of_any_length_is_masked_by_the_field_that_it_stands_in(
    value: object, name: str, places: list[str], serialise: Callable[[object], str]
) -> None:
    """However the body is serialised, since what a bot signs need not be what it sends."""
    body: object = {"sz": "0.1", name: value, "last": "kept"}
    for place in places:
        body = [1, body, "kept"] if place == "list" else {place: body, "x": [True, "kept"]}
    sent = WireRequest(method="POST", target="/api/v5/x", headers=(), body=json.dumps(body).encode())

    for mask in (Masks(()).carried(sent), Masks(()).loaded):
        told = mask.value(f"2026 POST/api/v5/x{serialise(body)}")
        assert not set(RECOGNISED) & set(told), told
        assert told.count("kept") == serialise(body).count("kept")
        assert told.startswith("2026 POST/api/v5/x") and "0.1" in told


@given(st.text(st.sampled_from(list("secret:\"'{}[]()\\,%= uaZ\n")), max_size=200))
def test_any_text_is_masked_once_and_for_all(text: str) -> None:
    mask = Masks(()).loaded
    assert mask.value(mask.value(text)) == mask.value(text)


@pytest.mark.parametrize(
    "text",
    [
        '"secret":[' * 60_000,
        '"secret":"' * 60_000,
        '{"secret":{"a":' * 60_000,
        '\\"secret\\":' * 60_000,
        "a%" * 300_000,
    ],
    ids=range(5),
)
def test_no_text_is_looked_through_again_and_again(text: str) -> None:
    began = time.process_time()
    Masks(()).loaded.value(text)
    assert time.process_time() - began < 10, "seconds of computing; a second is usual"


def test_a_body_of_any_depth_is_masked_without_end() -> None:
    deep = WireRequest(method="POST", target="/a", headers=(), body=b'{"secret":' + b"[" * 100_000 + b'"hunter-2"')

    assert Masks(()).carried(deep).value("2026Z POST") == "2026Z POST"


@pytest.mark.parametrize("target", ["?ccy=BTC", "?instId=BTC-USDT&keyword=x", "?secret=", '{"secret":""}'])
def test_other_fields_and_empty_ones_stay(target: str) -> None:
    request = WireRequest(method="GET", target=f"/a{target}", headers=())

    assert Masks(()).carried(request).value(target) == target
