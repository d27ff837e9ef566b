from __future__ import annotations

import pytest

from okx_doctor.decoding.decode import decode
from okx_doctor.model import Confidence
from okx_doctor.report.decoding import render_json, render_text

REFUSALS = {
    "requests": (
        "requests.exceptions.InvalidHeader: Invalid leading whitespace, reserved character(s), or return character(s) "
        "in header value: 'Tern-Harbour7\\n'",
        "credential-whitespace",
    ),
    "http.client": ("ValueError: Invalid header value b'Tern-Harbour7\\n'", "credential-whitespace"),
    "http.client, inside": ("ValueError: Invalid header value b'Tern\\r\\nHarbour7'", "credential-whitespace"),
    "h11, blank": ("httpx.LocalProtocolError: Illegal header value b'Tern-Harbour7 '", "credential-whitespace"),
    "h11, DEL": ("httpx.LocalProtocolError: Illegal header value b'Tern\\x7fHarbour7'", "client-refused-header"),
    "codec": (
        "UnicodeEncodeError: 'ascii' codec can't encode character '\\u2013' in position 4: ordinal not in range(128)",
        "credential-characters",
    ),
    "Node": (
        'TypeError [ERR_INVALID_CHAR]: Invalid character in header content ["OK-ACCESS-PASSPHRASE"]',
        "client-refused-header",
    ),
    "Node, undefined": (
        'TypeError [ERR_HTTP_INVALID_HEADER_VALUE]: Invalid value "undefined" for header "OK-ACCESS-PASSPHRASE"',
        "credentials-missing",
    ),
    "Node, key": (
        'TypeError [ERR_INVALID_ARG_TYPE]: The "key" argument must be of type string or an instance of ArrayBuffer, '
        "Buffer, TypedArray, DataView, KeyObject, or CryptoKey. Received undefined",
        "credentials-missing",
    ),
    "fetch": (
        "TypeError: Cannot convert argument to a ByteString because the character at index 4 has a value of 8211 which "
        "is greater than 255.",
        "credential-characters",
    ),
    "Go": ('net/http: invalid header field value for "Ok-Access-Passphrase"', "credential-whitespace"),
    "okhttp, line feed": (
        "java.lang.IllegalArgumentException: Unexpected char 0x0a at 13 in OK-ACCESS-PASSPHRASE value: Tern-Harbour7",
        "credential-whitespace",
    ),
    "okhttp, dash": (
        "java.lang.IllegalArgumentException: Unexpected char 0x2013 at 4 in OK-ACCESS-PASSPHRASE value: Tern-Harbour7",
        "credential-characters",
    ),
    "Java, empty key": ("java.lang.IllegalArgumentException: Empty key", "credentials-missing"),
    ".NET, line feed": (
        "System.FormatException: New-line characters are not allowed in header values.",
        "credential-whitespace",
    ),
    ".NET, letters": (
        "System.Net.Http.HttpRequestException: Request headers must contain only ASCII characters.",
        "credential-characters",
    ),
    ".NET, key": ("System.ArgumentNullException: Value cannot be null. (Parameter 'key')", "credentials-missing"),
    "httpx, None": ("TypeError: Header value must be str or bytes, not <class 'NoneType'>", "credentials-missing"),
    "hmac": ("TypeError: key: expected bytes or bytearray, but got 'NoneType'", "credentials-missing"),
    "ccxt": ('ccxt.base.errors.AuthenticationError: okx requires "password" credential', "credentials-missing"),
    "bytes": ("TypeError: Object of type bytes is not JSON serializable", "signature-bytes-repr"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_client_that_would_not_send_is_told_by_what_it_would_not_send(name: str) -> None:
    text, cause = REFUSALS[name]
    (answer,) = decode(text)

    assert answer.causes[0].id == cause
    assert answer.next == "okx-doctor check --offline"
    assert answer.sighting.kind == "refused-by-client"


@pytest.mark.parametrize("name", REFUSALS)
def test_the_value_that_was_not_sent_is_not_printed(name: str) -> None:
    answers = decode(REFUSALS[name][0])

    assert "Harbour" not in render_text(answers) + render_json(answers)


def test_the_header_that_was_refused_is_named() -> None:
    (answer,) = decode('net/http: invalid header field value for "Ok-Access-Passphrase"')

    assert "OK-ACCESS-PASSPHRASE" in answer.meaning


def test_a_signature_that_was_refused_blames_no_credential() -> None:
    (answer,) = decode('Invalid character in header content ["OK-ACCESS-SIGN"]')

    assert answer.causes[0].id == "client-refused-header"


def test_a_client_s_own_claim_is_told_as_its_claim() -> None:
    (answer,) = decode("OKX.Net: Authentication failed: No credentials provided for private endpoint")

    assert "its own claim" in answer.meaning
    assert "ccxt" not in answer.meaning
    assert all(cause.confidence is Confidence.POSSIBLE for cause in answer.causes)


@pytest.mark.parametrize(
    ("said", "first", "sure"),
    [
        ("Session expired — run okx-auth login again", "credentials-missing", "possible"),
        ("okx-auth rejected the caller (unauthorized).", "credentials-missing", "possible"),
        ("Not logged in.", "credentials-missing", "possible"),
        ("Token refresh failed.", "credentials-missing", "possible"),
        ("Partial API credentials detected.", "credentials-missing", "likely"),
        ("No credentials found.", "credentials-missing", "likely"),
    ],
)
def test_okx_s_own_command_line_is_understood_in_the_form_that_it_writes_on_stderr(
    said: str, first: str, sure: str
) -> None:
    (answer,) = decode(f"Error: {said}\nHint: Run okx-auth login\nVersion: okx-trade-cli@1.4.2\n")

    assert [(cause.id, cause.confidence.value) for cause in answer.causes] == [(first, sure)]
    assert "own command line" in answer.meaning


def test_the_code_401_that_okx_s_command_line_gives_every_refusal_is_read_by_the_message_beside_it() -> None:
    (answer,) = decode(
        "Error: HTTP 401 from OKX: Invalid Sign\nCode: 401\nTraceId: 7f3a\n"
        "Hint: Check API credentials and permissions\nVersion: okx-trade-cli@1.4.2\n"
    )

    assert (answer.code, answer.http_status, answer.sighting.by_text) == ("50113", 401, True)


@pytest.mark.parametrize("said", ["Not logged in.", "No credentials found."])
def test_the_same_words_of_another_program_are_left_alone(said: str) -> None:
    assert decode(f"aws: {said}\n") == ()
