"""Whatever is pasted: an answer or none, in bounded time, never an exception, and nothing secret comes out."""

from __future__ import annotations

import base64
import json
import os
import random
import time
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okx_doctor.decoding.decode import decode
from okx_doctor.report.decoding import render_json, render_text
from okx_doctor.secrets.redactor import derived_forms
from tests.decoding.pastes import corpus
from tests.decoding.schema import valid
from tests.decoding.stacks.texts import spoken

pytestmark = pytest.mark.slow

MUTATIONS: Final = int(os.environ.get("MUTATIONS", "1500"))
"""A hundred thousand of them take some minutes, and are run by hand."""
MEBIBYTE: Final = 1024 * 1024
BOUND: Final = 4.0
"""Seconds of this process's own time for 10 MB; a second where nothing else runs, and this is no race."""

keys = st.uuids().map(str)
secrets = st.binary(min_size=16, max_size=16).map(lambda raw: raw.hex().upper())
signatures = st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode())
passphrases = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=32).filter(
    lambda text: len(set(text)) > 4
)

TEMPLATES: Final = (
    "headers: {{'OK-ACCESS-KEY': {key!r}, 'OK-ACCESS-SIGN': {sign!r}, 'OK-ACCESS-PASSPHRASE': {words!r}}}\n{refusal}",
    "curl -H 'OK-ACCESS-KEY: {key}' -H 'OK-ACCESS-SIGN: {sign}' -H 'OK-ACCESS-PASSPHRASE: {words}' https://www.okx.com\n"
    "{refusal}",
    "> OK-ACCESS-KEY: {key}\n> OK-ACCESS-PASSPHRASE: {words}\n> \n< HTTP/1.1 401 Unauthorized\n< \n{refusal}",
    "okx = ccxt.okx({{'apiKey': '{key}', 'secret': '{secret}', 'password': '{words}'}})\nccxt: okx {refusal}",
    '{{"op":"login","args":[{{"apiKey":"{key}","passphrase":"{words}","timestamp":"1","sign":"{sign}"}}]}}\n{refusal}',
    "GET https://www.okx.com/api/v5/x?apiKey={key}&sign={sign}&passphrase={words}&secret={secret} 401\n{refusal}",
    "{refusal} key={key} secret={secret} passphrase={words} code={words} msg={secret}",
    '{{"code":"50110","msg":"Your IP {words} is not included in your API key\'s {key} IP whitelist. {secret} {sign}"}}',
    "error {words} {key} {secret} {sign} 50113",
    "<html><title>{words} {key}</title><body>{secret} {sign} cloudflare error 1020</body></html>",
    "{words}\n{key}\n{secret}\n{sign}",
)


def _printed(text: str) -> str:
    answers = decode(text)
    return render_text(answers) + render_json(answers)


@given(
    template=st.sampled_from(TEMPLATES),
    key=keys,
    secret=secrets,
    sign=signatures,
    words=passphrases,
    code=st.sampled_from(["50113", "50105", "50110", "50119", "51000", "60009"]),
)
def test_no_key_secret_signature_or_passphrase_is_printed(
    template: str, key: str, secret: str, sign: str, words: str, code: str
) -> None:
    refusal = json.dumps({"msg": f"x {words} {key} {secret}", "code": code})
    printed = _printed(template.format(key=key, secret=secret, sign=sign, words=words, refusal=refusal))

    own = _printed(refusal)
    leaked = [form for value in (key, secret, sign, words) for form in derived_forms(value) if form in printed]
    assert [form for form in leaked if form not in own] == []
    assert [value for value in (key, secret, sign) if value in own] == []


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6).filter(lambda address: int(address) > 0xFFFF_FFFF_FFFF))
def test_the_address_of_a_50110_is_kept(address: Any) -> None:
    text = json.dumps({"msg": f"Your IP {address} is not included in your API key's x IP whitelist.", "code": "50110"})

    assert str(address) in decode(text)[0].meaning


@given(st.text(max_size=3_000))
def test_random_text_is_read_without_an_exception(text: str) -> None:
    assert valid(render_json(decode(text)), empty=True)


@given(st.binary(max_size=3_000))
def test_random_bytes_are_read_without_an_exception(raw: bytes) -> None:
    assert valid(render_json(decode(raw.decode("utf-8", "replace"))), empty=True)


fragments = st.sampled_from(
    [
        '{"code":"50113","msg":"x"}',
        "{'code': '50105'",
        '{"code":',
        '"data":[{"sCode":"51008"}]',
        "HTTP/1.1 401 Unauthorized\n",
        "< HTTP/2 403\n< content-type: text/html\n<\n",
        "<html><title>Error 1020</title>",
        "cloudflare",
        "okx",
        "binance",
        "code=",
        "error ",
        "50113",
        "4001",
        "closed",
        "\x1b[31m",
        "\x00",
        "\\",
        '\\"',
        "{",
        "}",
        "[",
        "“",
        "&quot;",
        "\n",
        "\r\n",
        " " * 40,
        "9" * 5_000,
        "\ud800",
        "Your IP 203.0.113.7 is not included",
        '{"response":{"status":401,"content":{"text":"e30=","encoding":"base64"}}}',
        '{"message":"name resolution failed"}',
    ]
)


@settings(max_examples=300)
@given(st.lists(fragments, max_size=40))
def test_pieces_of_answers_in_any_order_are_read_without_an_exception(pieces: list[str]) -> None:
    assert valid(render_json(decode("".join(pieces))), empty=True)


@given(paste=st.sampled_from(corpus()), cut=st.integers(min_value=0, max_value=6_000))
def test_a_paste_that_is_cut_off_anywhere_is_read_without_an_exception(paste: Any, cut: int) -> None:
    assert valid(render_json(decode(paste.text[:cut])), empty=True)
    assert valid(render_json(decode(paste.text[cut:])), empty=True)


def mutated(text: str, others: Sequence[str], dice: random.Random) -> str:
    """A text with a few pieces cut out, doubled, replaced or taken from another."""
    for _ in range(dice.randint(1, 6)):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.randint(0, 60))
        other = dice.choice(others)
        taken = dice.randrange(len(other) + 1)
        piece = dice.choice(
            ("", text[start:end] * 2, other[taken : taken + dice.randint(0, 200)], chr(dice.randrange(0x250)))
        )
        text = text[:start] + piece + text[end:]
    return text


def test_mutations_of_what_clients_print_are_read_without_an_exception() -> None:
    texts = [paste.text for paste in corpus()] + [text.text for text in spoken()]
    dice = random.Random(20261126)
    for _ in range(MUTATIONS):
        text = mutated(dice.choice(texts)[:4_000], texts, dice)
        answers = decode(text)
        assert answers == () or valid(render_json(answers))


@given(
    st.lists(st.sampled_from(["\x1b]0;x\x07", "[/red]", "[bold]", "\x9b31m", "\u202e", "\x07", "\x00"]), max_size=20)
)
def test_nothing_that_drives_a_terminal_comes_out(pieces: list[str]) -> None:
    printed = _printed("".join(pieces) + '{"code":"50113","msg":"' + "".join(pieces[:3]) + '"}')

    assert [char for char in printed if not char.isprintable() and char != "\n"] == []
    assert "[/red]" not in printed


def _filled(piece: str) -> str:
    return (piece * (10 * MEBIBYTE // len(piece) + 1))[: 10 * MEBIBYTE]


LOG: Final = "".join(
    f"2026-01-02 03:04:{second:02d},{second:03d} - freqtrade.worker - INFO - heartbeat {50_000 + 37 * second} bid "
    f"{60_000 + second}.5 https://www.okx.com/api/v5/market/ticker?instId=BTC-USDT 200 OK\n"
    for second in range(60)
)
HEAVY: Final = {
    "a log without an answer": LOG,
    "a log with the same answer everywhere": f'{LOG[:900]}okx {{"msg":"Invalid Sign","code":"50113"}}\n',
    "envelopes": '{"msg":"Invalid Sign","code":"50113"} ',
    "open envelopes": '{"code":"',
    "codes": "code:50113 ",
    "numbers": "50113 51000 60009 4001 ",
    "errors": "error 50113 ",
    "status lines": "HTTP/1.1 401 \n",
    "pages": "<html><title>x",
    "braces": "{",
    "brackets": "[",
    "blanks": "code" + " " * 30,
    "backslashes": '{\\"code\\":\\"50113\\"} ',
    "typographic quotes": "“code”: “50113” ",
    "colours": "\x1b[31m",
    "line ends": "\n",
    "quotes": '"',
    "less-than signs": "<",
    "NUL": "\x00",
    "failures of the network": "2026-01-02 03:04:05 ERROR okx connect ETIMEDOUT 203.0.113.43:443\n",
    "hosts": "okx.com ",
    "addresses": "wss://ws.okx.com:8443/ws 10.0.0.1:443 ",
    "refused headers": "Invalid header value b'",
    "OKX's name": "OKX 50113.5 okx okx:",
    "channels": "channel: 'orders' code: 60011 ",
    "letters": "a",
    "labels": "a.",
    "bare errors": "Error ",
}


@pytest.mark.parametrize("piece", HEAVY.values(), ids=HEAVY)
def test_ten_megabytes_of_anything_take_a_bounded_time(piece: str) -> None:
    text = _filled(piece)
    before = time.process_time()
    decode(text)

    assert time.process_time() - before < BOUND


@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
def test_one_answer_in_ten_megabytes_of_log_is_found_wherever_it_stands(where: float) -> None:
    log = _filled(LOG)
    place = log.rfind("\n", 0, int(len(log) * where)) + 1 if where else 0
    text = f'{log[:place]}okx {{"msg":"API key doesn\'t exist","code":"50119"}}\n{log[place:]}'

    assert [answer.code for answer in decode(text)] == ["50119"]
