from __future__ import annotations

import re

import pytest

from okx_doctor.decoding.decode import Decoded, decode
from okx_doctor.report.decoding import render_json, render_text
from tests.decoding.pastes import SECRETS, Pasted, corpus

pytestmark = pytest.mark.slow

pastes = pytest.mark.parametrize("paste", corpus(), ids=str)

FAMILIES = {
    "a bare code": "bare code",
    "JSON": "curl",
    "ccxt for Python": "ccxt for Python, traceback",
    "ccxt for JavaScript": "ccxt for JavaScript, error",
    "ccxt for PHP": "ccxt for PHP, uncaught",
    "python-okx's dict": "python-okx, result",
    "python-okx where it was HTML": "python-okx, JSONDecodeError",
    "npm okx-api": "npm okx-api, rejected object",
    "requests": "requests, HTTPError",
    "httpx": "httpx, HTTPStatusError",
    "axios": "axios, error",
    "Go": "gorilla websocket",
    "curl -i": "curl -i",
    "curl -v": "curl -v",
    "HAR": "HAR",
    "a log line": "log line, key=value",
    "a WebSocket event": "ws for Node, event",
    "a WebSocket close": "websockets for Python, close",
    "an order answer": "order answer, two reasons",
    "an integer code": "integer code",
    "no code": "no code",
    "Cloudflare": "Cloudflare, 525",
    "a proxy's 407": "curl, proxy 407",
    "an empty 401": "fetch, status and text",
    "v1": "v1 envelope",
    "v3": "v3 envelope",
}


def _as_expected(answers: tuple[Decoded, ...]) -> tuple[tuple[str, str, int | None], ...]:
    return tuple((answer.code, answer.channel, answer.http_status) for answer in answers)


def test_the_corpus_is_large_and_holds_every_family() -> None:
    forms = {paste.form for paste in corpus()}

    assert len(corpus()) >= 150
    assert len({paste.text for paste in corpus()}) >= 290
    assert set(FAMILIES.values()) <= forms


def test_every_paste_says_where_its_form_is_from() -> None:
    assert [paste.id for paste in corpus() if len(paste.source) < 3] == []
    assert sum(paste.source.startswith("ran") for paste in corpus()) > 150


@pastes
def test_a_paste_is_decoded_to_exactly_its_answers(paste: Pasted) -> None:
    assert _as_expected(decode(paste.text)) == paste.expected


@pastes
def test_the_first_cause_is_the_right_one_where_the_answer_decides(paste: Pasted) -> None:
    for answer, first in zip(decode(paste.text), paste.first, strict=True):
        if first:
            assert answer.causes[0].id == first


@pastes
def test_nothing_of_a_paste_is_printed_but_codes_statuses_and_the_address_of_a_50110(paste: Pasted) -> None:
    answers = decode(paste.text)
    printed = render_text(answers) + render_json(answers)

    assert [secret for secret in SECRETS if secret in printed] == []
    addresses = set(re.findall(r"\d+\.\d+\.\d+\.\d+|2001:db8::7", printed))
    assert not addresses or [answer.code for answer in answers] == ["50110"]
    assert addresses <= {"203.0.113.7", "2001:db8::7"}


@pytest.mark.parametrize("paste", [paste for paste in corpus() if "Your IP 203" in paste.text], ids=str)
def test_the_address_in_a_50110_is_kept_since_it_belongs_on_the_allowlist(paste: Pasted) -> None:
    (answer,) = decode(paste.text)

    assert "203.0.113.7" in answer.meaning


@pytest.mark.parametrize("noise", ["", "> ", "2026-01-02 03:04:05,678 ERROR bot: ", "| ", "\t", "bot-1  | "])
@pytest.mark.parametrize(
    "paste",
    [paste for paste in corpus() if paste.form in ("ccxt for Python, message", "python-okx, result", "curl")],
    ids=str,
)
def test_a_log_line_around_an_answer_changes_nothing(paste: Pasted, noise: str) -> None:
    lines = [f"{noise}starting up", f"{noise}{paste.text.strip()}", f"{noise}giving up"]

    assert _as_expected(decode("\n".join(lines))) == paste.expected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("paste", [paste for paste in corpus() if paste.form.startswith("curl")], ids=str)
def test_line_ends_of_windows_change_nothing(paste: Pasted, end: str) -> None:
    text = end.join(paste.text.replace("\r\n", "\n").split("\n"))

    assert _as_expected(decode(text)) == paste.expected
