"""A request that is as it should be is known at once: never one in which a check would find something."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace

from okx_doctor.forensics import structure
from okx_doctor.forensics.captures.capture import Capture, Response
from tests.forensics.bench import API_KEY, ORDER, ORDER_BODY, PASSPHRASE, STAMP, capture

ORIGINS = (
    "https://www.okx.com",
    "",
    "https://aws.okx.com",
    "https://web3.okx.com",
    "https://okx.com",
    "https://www.okx.com:8443",
    "https://you@www.okx.com",
    "http://127.0.0.1:8080",
)
TARGETS = (
    "/api/v5/account/balance",
    "/api/v5/account/balance?ccy=BTC",
    "/api/v5/account/balance?ccy={{ccy}}&x=1",
    "/api/v5/account/balance?ccy=%7Bccy%7D",
    "/api/v5/account/balance?ccy=:ccy",
    "/api/v5/account/balance?ccy=$ccy",
    "/api/v5/account/balance?ccy=%s",
    "/api/v5/account/{ccy}",
    "/api/v5/account/%7Bccy%7D",
    "/api/v3/account",
    "/api/v5/wallet/token/token-detail",
    "https://www.okx.com/api/v5/account/balance",
)
BODIES = (b"", b"{}", ORDER_BODY, b'"{}"', b"a=1&b=2", b'{"sz": "{{size}}"}', b'[{"sz": "%s"}]')
HEADERS: dict[str, tuple[str | None, ...]] = {
    "OK-ACCESS-KEY": (API_KEY, "", None, "your-api-key", "${OKX_API_KEY}", "0" * 32, f'"{API_KEY}"', "{{key}}"),
    "OK-ACCESS-SIGN": ("A" * 43 + "=", "", None, "ab" * 32, "[object Promise]", "A" * 43),
    "OK-ACCESS-TIMESTAMP": (STAMP, "", None, "1763629737", "2026-11-20T09:08:57Z", "{{$isoTimestamp}}", "today"),
    "OK-ACCESS-PASSPHRASE": (PASSPHRASE, "", None, "your-passphrase", "$OKX_PASSPHRASE", "{{passphrase}}"),
    "OK_ACCESS_KEY": (None, API_KEY),
    "ok-access-sign": (None, "A" * 43 + "="),
    "Content-Type": (None, "application/json", "application/json; charset=utf-8", "text/plain", ""),
    "Host": (None, "www.okx.com", "relay.example.com", ""),
    "User-Agent": (None, "python-requests/2.32", "Python-urllib/3.11", "ccxt/4.5"),
    "x-simulated-trading": (None, "1", "0", "true"),
    "x-simulate-trading": (None, "1"),
    "OK-ACCESS-PROJECT": (None, "a-project"),
    "X-Request-Id": (None, "{{id}}"),
}
"""Values of each header, the first of which is right."""
ANSWERS = (None, Response(status=200, code="0"), Response(status=401, code="50113"), Response(status=403, is_page=True))


def made(seed: int) -> Capture:
    """A request in which each part is right, more often than not."""
    dice = random.Random(seed)

    def one_of(right_first: tuple[Any, ...]) -> Any:
        return right_first[0] if dice.random() < 0.9 else dice.choice(right_first)

    headers = [(name, value) for name, values in HEADERS.items() if (value := one_of(values)) is not None]
    dice.shuffle(headers)
    request = replace(capture().request, target=one_of(TARGETS), headers=tuple(headers), body=one_of(BODIES))
    return replace(
        capture(),
        request=request,
        origin=one_of(ORIGINS),
        response=one_of(ANSWERS),
        received_at=one_of((None, 0.0, 1763629000.0)),
        sent_before=one_of(("", "line 1")),
        masked=one_of((frozenset(), frozenset({"ok-access-passphrase"}))),
    )


@pytest.mark.parametrize("start", range(0, 4000, 500))
def test_what_is_found_is_what_every_check_finds(start: int) -> None:
    found = 0
    for seed in range(start, start + 500):
        one = made(seed)
        assert structure.findings(one) == structure.every(one), seed
        found += not structure.every(one)
    assert found > 5, "some must be right"


def test_a_client_is_judged_by_each_of_its_requests() -> None:
    right = capture("POST", ORDER, ORDER_BODY)
    wrong = replace(right, request=replace(right.request, body=b'{"sz": "{{size}}"}'))
    assert [bool(structure.findings(one)) for one in (right, wrong, right)] == [False, True, False]
