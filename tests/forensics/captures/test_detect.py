"""A form is known by its look, and what has none is said in one line."""

from __future__ import annotations

import gzip
import logging

import pytest

from okx_doctor.forensics.captures.capture import Capture, Unreadable
from okx_doctor.forensics.captures.detect import detect
from tests.forensics.bench import ORDER_BODY, read
from tests.forensics.captures.making import AS_BROWSERS_COPY_IT, GET_URL, HEADERS, WITH_JSON, okx_headers


def test_httpx_own_log_holds_too_little_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    import httpx

    with caplog.at_level(logging.INFO, logger="httpx"):
        transport = httpx.MockTransport(lambda request: httpx.Response(401))
        with httpx.Client(transport=transport) as client:
            client.get(GET_URL, headers=HEADERS)
    (found,) = read(caplog.text)

    assert isinstance(found, Unreadable)
    assert "event hook" in found.why


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (bytes(range(256)) * 20, "binary"),
        (gzip.compress(b"curl " * 100, mtime=0), "no form|binary"),
        (b"hello world\n", "no form"),
        (b"[", "no form"),
        (b"[1, 2]", "no capture|no form"),
        (b'{"log": {"entries": [', "cut off|missing"),
        (b'{"log": {"entries": 5}}', "belongs"),
        (b'{"log" 5}', "no JSON"),
        (b'[{"url": "x"} 5]', "belongs|no URL"),
        ("{" * 100_000, "cut off|no JSON|no end"),
    ],
)
def test_what_is_no_capture_is_one_clear_message(raw: bytes | str, why: str) -> None:
    import re

    found = read(raw)

    assert found
    assert all(isinstance(piece, Unreadable) for piece in found)
    assert re.search(why, found[0].why if isinstance(found[0], Unreadable) else ""), found


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_what_powershell_redirected_into_a_file_is_read(encoding: str) -> None:
    text = "\ufeff" + AS_BROWSERS_COPY_IT + "\r\n" + "ü€😀" * 50_000 + "\r\n" + WITH_JSON
    first, second = read(text.encode(encoding))

    for found in (first, second):
        assert isinstance(found, Capture)
        assert (found.request.body, okx_headers(found)) == (ORDER_BODY, HEADERS)


@pytest.mark.parametrize(
    ("start", "form"),
    [
        (b"curl https://www.okx.com", "curl"),
        (b"# notes\n$ curl -X POST https://", "curl"),
        (b"GET /api/v5/a HTTP/1.1\r\n", "http"),
        (b'{"log":{"version":"1.2"', "har"),
        (b'\n  [ {"url"', "json"),
        (b'{"op":"login","args":[', "json"),
        (b"2026-11-20 DEBUG fetch Request: okx GET https://", "ccxt"),
        (b"send: b'GET / HTTP/1.1\\r\\n", "requests"),
        (b"[1.2] something else", None),
    ],
)
def test_the_form_is_detected_by_its_look(start: bytes, form: str | None) -> None:
    assert detect(start) == form
