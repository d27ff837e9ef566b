"""What shows without the secret: headers, timestamp, signature text, body, target, and OKX's own answer."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture, Response
from okx_doctor.forensics.verdict import Validity
from okx_doctor.model import Severity
from tests.forensics.bench import API_KEY, ORDER, ORDER_BODY, STAMP_SECONDS, b64, capture, inspected, mac, named

KEY, SIGN, STAMP_HEADER, PASS = (f"OK-ACCESS-{name}" for name in ("KEY", "SIGN", "TIMESTAMP", "PASSPHRASE"))


def seen(made: Capture) -> dict[str, str]:
    """What is named without a secret."""
    return named(inspected(made, None))


def renamed(old: str, new: str) -> Capture:
    made = capture()
    headers = tuple((new if name == old else name, value) for name, value in made.request.headers)
    return replace(made, request=replace(made.request, headers=headers))


def dated(made: Capture, late: float, code: str = "50102") -> Capture:
    """Answered by a server whose clock shows so many seconds after the timestamp."""
    return replace(made, response=Response(status=401, code=code, date=STAMP_SECONDS + late))


def test_a_request_in_order_shows_nothing() -> None:
    assert seen(capture()) == {}
    assert seen(capture("POST", ORDER, ORDER_BODY)) == {}
    assert inspected(capture()).verdict is Validity.VALID


@pytest.mark.parametrize("name", [KEY, SIGN, STAMP_HEADER, PASS])
def test_a_missing_or_empty_header_is_named(name: str) -> None:
    for value in (None, ""):
        found = inspected(capture(headers={name: value}))
        assert named(found) == {"header-missing": "likely"}
        assert name in found.causes[0].because[0]
        assert found.verdict is Validity.INVALID


@pytest.mark.parametrize(("name", "code"), [(KEY, "50103"), (PASS, "50104"), (SIGN, "50106"), (STAMP_HEADER, "50107")])
def test_a_missing_header_that_okx_names_is_stated(name: str, code: str) -> None:
    assert seen(capture(headers={name: None}, code=code)) == {"header-missing": "stated"}


def test_every_missing_header_is_listed() -> None:
    found = inspected(capture(headers={SIGN: None, PASS: None}), None)
    assert named(found) == {"header-missing": "likely"}
    assert len(found.causes[0].because) == 2


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (KEY, "OK_ACCESS_KEY"),
        (KEY, "OKX-ACCESS-KEY"),
        (KEY, "OK-ACCES-KEY"),
        (KEY, '"OK-ACCESS-KEY"'),
        (KEY, "KC-API-KEY"),
        (SIGN, "OK-ACCESS-SIGNATURE"),
        (SIGN, "OK-ACCESS-SING"),
        (SIGN, "CB-ACCESS-SIGN"),
        (STAMP_HEADER, "OK-ACCESS-TIMESTAP"),
        (STAMP_HEADER, "OK-ACCESS-TIME-STAMP"),
        (PASS, "OK-ACCESS-PASSWORD"),
        (PASS, "OK-ACCESS-PASSPHRASSE"),
        (PASS, "OK-ACCESS-PASS"),
    ],
)
def test_a_misspelt_header_is_named_and_not_called_missing(right: str, wrong: str) -> None:
    found = inspected(renamed(right, wrong), None)

    assert named(found) == {"header-misspelt": "likely"}
    assert repr(wrong) in found.causes[0].because[0]
    assert right in found.causes[0].because[0]


@pytest.mark.parametrize("name", ["ok-access-key", "Ok-Access-Key", "OK-ACCESS-KEY"])
def test_the_case_of_a_header_does_not_matter(name: str) -> None:
    assert seen(renamed(KEY, name)) == {}


@pytest.mark.parametrize("name", ["X-Request-Id", "Accept", "User-Agent", "expTime", "Cookie", "x-simulated-trading"])
def test_other_headers_are_no_misspelling(name: str) -> None:
    assert seen(capture(headers={name: "1"})) == {}


def test_a_misspelt_header_does_not_hide_another_that_is_missing() -> None:
    made = renamed(KEY, "OK_ACCESS_KEY")
    headers = tuple((name, value) for name, value in made.request.headers if name != PASS)
    found = seen(replace(made, request=replace(made.request, headers=headers)))
    assert found == {"header-misspelt": "likely", "header-missing": "likely"}


@pytest.mark.parametrize(
    ("second", "code", "sure"), [(API_KEY, "", "possible"), ("x", "", "possible"), ("x", "50111", "likely")]
)
def test_a_header_that_comes_twice_is_named(second: str, code: str, sure: str) -> None:
    made = capture(code=code)
    twice = replace(made, request=replace(made.request, headers=(*made.request.headers, (KEY.lower(), second))))
    assert seen(twice)["header-duplicated"] == sure


@pytest.mark.parametrize(
    ("stamp", "cause", "sure", "severity"),
    [
        ("2026-11-20T09:08:57Z", "timestamp-precision", "likely", Severity.WARNING),
        ("2026-11-20T09:08:57.7Z", "timestamp-precision", "likely", Severity.WARNING),
        ("2026-11-20T09:08:57.57Z", "timestamp-precision", "likely", Severity.WARNING),
        ("2026-11-20T09:08:57.715123Z", "timestamp-precision", "possible", Severity.ERROR),
        ("2026-11-20T09:08:57.715123456Z", "timestamp-precision", "possible", Severity.ERROR),
        ("1795165737715", "timestamp-unit", "likely", Severity.ERROR),
        ("1795165737", "timestamp-unit", "possible", Severity.ERROR),
        ("1795165737.715", "timestamp-unit", "possible", Severity.ERROR),
        ("2026-11-20T09:08:57.715+00:00", "timestamp-format", "possible", Severity.ERROR),
        ("2026-11-20T09:08:57.715123", "timestamp-format", "likely", Severity.ERROR),
        ("2026-11-20 09:08:57.715", "timestamp-format", "likely", Severity.ERROR),
        ("Fri, 20 Nov 2026 09:08:57 GMT", "timestamp-format", "likely", Severity.ERROR),
        ("undefined", "timestamp-format", "likely", Severity.ERROR),
    ],
)
def test_a_timestamp_in_another_form_is_named_as_sure_as_is_known(
    stamp: str, cause: str, sure: str, severity: Severity
) -> None:
    found = inspected(capture(stamp=stamp), None)

    assert named(found) == {cause: sure}
    assert found.causes[0].severity is severity


@pytest.mark.parametrize(
    ("stamp", "told"),
    [
        ("0xc0002a8010", "a pointer was sent, not what it points to"),
        ("[object Promise]", "a program's text for an object"),
        ("<function iso at 0x7f00aa10>", "a program's text for an object"),
        ("function iso() {", "a program's text for an object"),
        ("Invalid Date", "a program's word for no value"),
        ("undefined", "a program's word for no value"),
        ("NaN", "a program's word for no value"),
    ],
)
def test_what_a_program_prints_for_no_time_is_told_apart(stamp: str, told: str) -> None:
    found = inspected(capture(stamp=stamp), None)

    assert named(found) == {"timestamp-format": "likely"}
    assert any(told in line for line in found.causes[0].because)


def test_a_form_that_runs_in_production_leaves_a_right_request_valid() -> None:
    assert inspected(capture(stamp="2026-11-20T09:08:57Z")).verdict is Validity.VALID
    assert inspected(capture(stamp="1795165737")).verdict is Validity.VALID
    assert inspected(capture(stamp="1795165737715")).verdict is Validity.INVALID


@pytest.mark.parametrize(
    ("late", "causes"),
    [
        (0.3, {}),
        (-29.0, {}),
        (30.5, {}),
        (45.0, {"clock-drift": "likely", "timestamp-stale": "possible"}),
        (-45.0, {"clock-drift": "likely"}),
        (-8 * 3600 + 0.4, {"clock-timezone": "likely"}),
        (5.5 * 3600, {"clock-timezone": "likely"}),
        (-15 * 3600, {"clock-drift": "likely"}),
        (365 * 86400 + 5.5 * 3600, {"clock-drift": "likely", "timestamp-stale": "possible"}),
        (754.8, {"clock-drift": "likely", "timestamp-stale": "possible"}),
    ],
)
def test_the_age_of_a_timestamp_is_told_by_the_answers_date(late: float, causes: dict[str, str]) -> None:
    assert seen(dated(capture(), late)) == causes


def test_a_time_of_sending_tells_an_old_timestamp_from_a_wrong_clock() -> None:
    made = dated(capture(), 90.0)
    assert seen(replace(made, sent_at=STAMP_SECONDS + 89.5)) == {"timestamp-stale": "likely"}
    assert seen(replace(made, sent_at=STAMP_SECONDS + 0.1)) == {"clock-drift": "likely"}


def test_the_time_of_receiving_counts_too() -> None:
    assert seen(replace(capture(), received_at=STAMP_SECONDS - 60)) == {"clock-drift": "likely"}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a1" * 32, "signature-hex"),
        ("A1" * 32, "signature-hex"),
        (b64(b"0f" * 32), "signature-base64-of-hex"),
        ("-_" + "A" * 40 + "A=", "signature-base64url"),
        ("A" * 43, "signature-padding"),
        ("A" * 43 + "==", "signature-padding"),
        ("%2B" + "A" * 42 + "%3D", "signature-url-encoded"),
        ("b'" + "A" * 43 + "='", "signature-bytes-repr"),
        *(
            (text, "signature-not-computed")
            for text in (
                "[object Promise]",
                "[object Object]",
                "undefined",
                "None",
                "null",
                "Promise { <pending> }",
                "<coroutine object sign at 0x7f1>",
                "<built-in method digest of _hashlib.HMAC object at 0x7f>",
                "System.Byte[]",
                "[B@1b6d3586",
                "$SIGN",
                "${SIGNATURE}",
                "{{signature}}",
                "<signature>",
                "function sign() {}",
            )
        ),
    ],
)
def test_the_look_of_a_signature_is_named_and_never_proven(text: str, cause: str) -> None:
    assert seen(capture(sign=text)) == {cause: "likely"}


@pytest.mark.parametrize(("algorithm", "size"), [("sha1", 28), ("md5", 24), ("sha384", 64), ("sha512", 88)])
def test_the_length_of_a_signature_hints_at_its_hash(algorithm: str, size: int) -> None:
    text = b64(mac("x", algorithm=algorithm))
    assert len(text) == size
    assert seen(capture(sign=text)) == {"wrong-hash": "possible"}


@pytest.mark.parametrize(
    ("kind", "code", "sure"), [(None, "", "likely"), ("text/plain", "", "likely"), ("text/plain", "50006", "stated")]
)
def test_a_body_of_another_type_is_named(kind: str | None, code: str, sure: str) -> None:
    made = capture("POST", ORDER, ORDER_BODY, headers={"Content-Type": kind}, code=code)
    assert seen(made) == {"content-type": sure}


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_in_any_spelling_is_the_right_type(kind: str) -> None:
    assert seen(capture("POST", ORDER, ORDER_BODY, headers={"Content-Type": kind})) == {}


def test_a_form_and_json_in_quotes_are_named() -> None:
    assert seen(capture("POST", ORDER, b"instId=BTC-USDT&sz=1")) == {"body-form-encoded": "likely"}
    assert seen(capture("POST", ORDER, b'"{\\"a\\":1}"')) == {"body-double-encoded": "likely"}


@pytest.mark.parametrize(
    ("origin", "causes"),
    [
        ("https://www.okx.com", {}),
        ("https://openapi.okx.com", {}),
        ("https://eea.okx.com", {}),
        ("http://127.0.0.1:8080", {}),
        ("https://demo.okx.com", {"host-not-api": "likely"}),
        ("https://www.okex.com", {"host-not-api": "likely"}),
        ("https://okx.com", {"host-not-api": "likely"}),
        ("https://aws.okx.com", {"host-not-api": "possible"}),
    ],
)
def test_a_host_without_the_api_is_named(origin: str, causes: dict[str, str]) -> None:
    assert seen(capture(origin=origin)) == causes


@pytest.mark.parametrize("path", ["/api/spot/v3/orders", "/api/v1/ticker.do", "/api/account/v3/wallet", "/api/v3/x"])
def test_a_retired_version_is_named(path: str) -> None:
    assert seen(capture(target=path)) == {"api-version-retired": "likely"}


@pytest.mark.parametrize(
    ("headers", "code", "causes"),
    [
        ({"x-simulated-trading": "true"}, "", {"wrong-environment": "possible"}),
        ({"x_simulated_trading": "1"}, "", {"wrong-environment": "possible"}),
        ({"x-simulate-trading": "1"}, "", {"wrong-environment": "possible"}),
        ({"x-simulated-trading": "1"}, "", {}),
        ({"x-simulated-trading": "0"}, "", {}),
        ({}, "50101", {"wrong-environment": "stated"}),
    ],
)
def test_the_demo_header_is_looked_at(headers: dict[str, str | None], code: str, causes: dict[str, str]) -> None:
    assert seen(capture(headers=headers, code=code)) == causes


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        ("your-api-key", "credentials-placeholder"),
        ("22582BD0CFF14C41EDBF1AB98506286D", "credentials-swapped"),
        (f'"{API_KEY}"', "credential-quoted"),
        (API_KEY[:-2], "api-key-malformed"),
    ],
)
def test_a_key_that_is_none_is_named(key: str, cause: str) -> None:
    assert seen(capture(headers={KEY: key})) == {cause: "likely"}


def test_an_unsigned_call_is_unsigned_and_only_a_private_one_convicts() -> None:
    bare = dict.fromkeys([KEY, SIGN, STAMP_HEADER, PASS])
    public = inspected(capture(target="/api/v5/public/time", headers=bare))
    private = inspected(capture(headers=bare))

    assert (public.verdict, public.causes) == (Validity.UNSIGNED, ())
    assert private.verdict is Validity.UNSIGNED
    assert named(private) == {"header-missing": "likely"}


@pytest.mark.parametrize(
    ("sent", "cause", "said"),
    [
        ("sunny-day7", "passphrase-case", "another case"),
        ("Sunny", "passphrase-differs", "5 of its 10 characters"),
        ('"Sunny-Day7"', "passphrase-differs", "in double quotes"),
        ("something else", "passphrase-differs", "14 characters"),
        (b64(mac("Sunny-Day7")), "passphrase-differs", "KuCoin"),
        ("22582BD0CFF14C41EDBF1AB98506286D", "credentials-swapped", "secret key"),
    ],
)
def test_a_passphrase_other_than_the_loaded_one_is_named_and_not_shown(sent: str, cause: str, said: str) -> None:
    found = inspected(capture(headers={PASS: sent}))

    assert named(found) == {cause: "likely"}
    assert said in found.causes[0].because[0]
    assert sent not in " ".join(found.causes[0].because)


@pytest.mark.parametrize(("stamp", "told"), [("0xc0002a8010", "a pointer was sent"), ("undefined", "no value")])
def test_what_a_program_prints_for_no_time_is_told_apart_in_a_login_too(stamp: str, told: str) -> None:
    made = replace(capture(target="/users/self/verify", stamp=stamp), channel="websocket")
    cause = next(each for each in inspected(made, None).causes if each.id == "websocket-timestamp")

    assert any(told in line for line in cause.because)


def test_a_login_with_a_date_or_milliseconds_is_named() -> None:
    for stamp, sure in (
        ("1795165737", None),
        ("1795165737715", "likely"),
        ("2026-11-20T09:08:57.715Z", "likely"),
        ("1795165737.5", "possible"),
    ):
        made = replace(capture(target="/users/self/verify", stamp=stamp), channel="websocket")
        assert seen(made).get("websocket-timestamp") == sure


@pytest.mark.parametrize(
    ("origin", "agent", "named_client"),
    [
        ("wss://ws.okx.com:8443", "nautilus_trader/1.221.0", True),
        ("wss://wseeapap.okx.com:8443", "bot", False),
    ],
)
def test_a_socket_on_the_retired_port_is_named_with_the_client_that_dials_it(
    origin: str, agent: str, named_client: bool
) -> None:
    made = replace(capture(headers={"User-Agent": agent}), origin=origin)

    found = inspected(made, None)

    said = next(cause.because for cause in found.causes if cause.id == "websocket-port-retired")
    assert named(found)["websocket-port-retired"] == "likely"
    assert ("known to dial that port by itself" in " ".join(said)) is named_client
    assert "websocket-port-retired" not in seen(replace(made, origin="wss://ws.okx.com"))
    assert "websocket-port-retired" not in seen(replace(made, origin="wss://relay.example.org:8443"))
