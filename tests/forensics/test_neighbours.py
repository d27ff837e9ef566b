"""Signers of the exchanges whose scheme is nearly OKX's, written out plainly from ccxt 4.5.90's ``sign()`` of each."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.verdict import Inspection, Validity
from tests.forensics.bench import (
    API_KEY,
    BALANCE,
    ORDER,
    ORDER_BODY,
    PASSPHRASE,
    POSITIONS,
    SECRET,
    STAMP,
    b64,
    capture,
    inspected,
    mac,
    named,
)

pytestmark = pytest.mark.slow

MILLISECONDS, SECONDS = "1795165737715", "1795165737"
NONCE = "8f14e45f-ceea-467f-ab4b-0b4f3a1d6f3b"
SORTED = "/api/v5/account/positions?instId=BTC-USDT-SWAP&instType=SWAP"
ENCODED = "/api/v5/account/balance?ccy=BTC%2CETH"
OKX_HEADERS = tuple(f"OK-ACCESS-{name}" for name in ("KEY", "SIGN", "TIMESTAMP", "PASSPHRASE"))


class Signed(NamedTuple):
    """What a neighbour's signer makes of a request."""

    sign: str
    stamp: str
    passphrase: str = PASSPHRASE
    more: Mapping[str, str] = {}


Signer = Callable[[str, str, str], Signed]


def deepcoin(method: str, target: str, body: str) -> Signed:
    return Signed(b64(mac(f"{STAMP}{method}{target}{body}")), STAMP)


def bitget(method: str, target: str, body: str) -> Signed:
    path = {POSITIONS: SORTED, ENCODED: "/api/v5/account/balance?ccy=BTC,ETH"}.get(target, target)
    return Signed(b64(mac(f"{MILLISECONDS}{method}{path}{body}")), MILLISECONDS)


def weex(method: str, target: str, body: str) -> Signed:
    return Signed(b64(mac(f"{MILLISECONDS}{method}{target}{body}")), MILLISECONDS)


def kucoin(method: str, target: str, body: str) -> Signed:
    sign = b64(mac(f"{MILLISECONDS}{method}{target}{body}"))
    return Signed(sign, MILLISECONDS, b64(mac(PASSPHRASE)), {"KC-API-KEY-VERSION": "2"})


def coinbase(method: str, target: str, body: str) -> Signed:
    return Signed(b64(mac(f"{SECONDS}{method}{target}{body}", base64.b64decode(SECRET))), SECONDS)


def blofin(method: str, target: str, body: str) -> Signed:
    sign = b64(mac(f"{target}{method}{MILLISECONDS}{NONCE}{body}").hex().encode())
    return Signed(sign, MILLISECONDS, more={"ACCESS-NONCE": NONCE})


def headers(start: str) -> Sequence[str]:
    return tuple(f"{start}{name}" for name in ("KEY", "SIGN", "TIMESTAMP", "PASSPHRASE"))


REQUESTS = {
    "a plain GET": ("GET", BALANCE, ""),
    "a GET with parameters": ("GET", POSITIONS, ""),
    "a GET with an encoded one": ("GET", ENCODED, ""),
    "an order": ("POST", ORDER, ORDER_BODY.decode()),
}


def sent(names: Sequence[str], signer: Signer, request: str, stamp: str = "") -> Capture:
    """The request with a neighbour's values under these names; ``stamp`` is sent in place of the one signed."""
    method, target, body = REQUESTS[request]
    made = signer(method, target, body)
    values = (API_KEY, made.sign, stamp or made.stamp, made.passphrase)
    given: dict[str, str | None] = {**dict.fromkeys(OKX_HEADERS), **dict(zip(names, values, strict=True)), **made.more}
    return capture(method, target, body.encode(), headers=given)


def whose(found: Inspection) -> str:
    """The exchanges that a proven recipe is said to be of."""
    (cause,) = (one for one in found.causes if one.id == "other-exchange-recipe")
    assert cause.confidence.value == "proven"
    return cause.because[0].removeprefix("the signature was made by another exchange's recipe: ")


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize(
    ("start", "signer", "owner"),
    [
        ("ACCESS-", weex, "WEEX's"),
        ("ACCESS-", bitget, "Bitget's"),
        ("KC-API-", kucoin, "KuCoin's"),
        ("CB-ACCESS-", coinbase, "Coinbase Exchange's"),
        ("ACCESS-", blofin, "BloFin's"),
    ],
)
def test_a_neighbours_request_under_its_own_headers_is_named_as_its_own(
    start: str, signer: Signer, owner: str, request_name: str
) -> None:
    found = inspected(sent(headers(start), signer, request_name))

    differ = "a GET with" in request_name  # else Bitget and WEEX sign the same text
    assert whose(found) == (owner if differ or signer not in (bitget, weex) else "Bitget's or WEEX's")
    assert found.verdict is Validity.INVALID
    assert named(found)["header-misspelt"] == "likely"


@pytest.mark.parametrize("stamp", ["", STAMP], ids=["as signed", "as OKX wants it"])
@pytest.mark.parametrize(
    ("signer", "request_name", "owner"),
    [
        (bitget, "a GET with parameters", "Bitget's"),
        (kucoin, "an order", "KuCoin's"),
        (coinbase, "an order", "Coinbase Exchange's"),
        (blofin, "a GET with parameters", "BloFin's"),
        (blofin, "an order", "BloFin's"),
    ],
)
def test_a_neighbours_signature_under_okxs_headers_is_named_as_its_own(
    signer: Signer, request_name: str, owner: str, stamp: str
) -> None:
    assert whose(inspected(sent(OKX_HEADERS, signer, request_name, stamp))) == owner


def test_a_nonce_that_is_the_timestamp_needs_no_header() -> None:
    sign = b64(mac(f"{BALANCE}GET{MILLISECONDS}{MILLISECONDS}").hex().encode())

    assert whose(inspected(capture(stamp=MILLISECONDS, sign=sign))) == "BloFin's"


@pytest.mark.parametrize("request_name", REQUESTS)
def test_deepcoins_signature_is_okxs_and_only_its_headers_are_foreign(request_name: str) -> None:
    found = inspected(sent(headers("DC-ACCESS-"), deepcoin, request_name))

    assert named(found) == {"header-misspelt": "likely"}
    assert all("Deepcoin's header" in line for line in found.causes[0].because)
    assert named(inspected(sent(OKX_HEADERS, deepcoin, request_name))) == {}


@pytest.mark.parametrize(
    ("made", "cause"),
    [
        (capture(stamp=MILLISECONDS), "timestamp-unit"),
        (capture(stamp=SECONDS), "timestamp-unit"),
        (capture(sign=weex("GET", BALANCE, "").sign), "timestamp-differs"),
        (capture(target=POSITIONS, sign=b64(mac(f"{STAMP}GET{SORTED}"))), "query-reordered"),
        (capture(sign=b64(mac(f"{STAMP}GET{BALANCE}", base64.b64decode(SECRET)))), "secret-decoded"),
        (capture(headers={"OK-ACCESS-PASSPHRASE": b64(mac(PASSPHRASE))}), "passphrase-differs"),
        (capture(sign=b64(mac(f"{STAMP}GET{BALANCE}").hex().encode())), "signature-base64-of-hex"),
        (capture(), ""),
    ],
)
def test_one_foreign_step_alone_is_not_called_a_neighbours(made: Capture, cause: str) -> None:
    found = inspected(made)

    assert "other-exchange-recipe" not in named(found)
    assert ("other-exchange-recipe",) not in found.equally_simple
    assert set(named(found)) == ({cause} if cause else set())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DC-ACCESS-KEY", "Deepcoin's header"),
        ("ACCESS-KEY", "Bitget's, WEEX's or BloFin's header"),
        ("kc-api-key", "KuCoin's header"),
        ("CB-ACCESS-KEY", "Coinbase Exchange's header"),
    ],
)
def test_a_header_of_a_neighbour_is_said_to_be_its_own(name: str, words: str) -> None:
    found = inspected(capture(headers={"OK-ACCESS-KEY": None, name: API_KEY}), None)

    assert named(found) == {"header-misspelt": "likely"}
    assert words in found.causes[0].because[0]


def test_a_neighbours_headers_with_another_secret_are_called_misspelt_and_nothing_more() -> None:
    made = sent(headers("KC-API-"), kucoin, "an order")
    other = tuple((name, b64(mac("x")) if name == "KC-API-SIGN" else value) for name, value in made.request.headers)

    found = inspected(replace(made, request=replace(made.request, headers=other)))

    assert named(found) == {"header-misspelt": "likely"}
