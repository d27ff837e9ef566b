"""Refused requests that were reported in public, rebuilt as captures: what each was is named.

The facts of each case are copied from its public source, which stands beside it; keys and secrets are made up.
Left out are reports that come to no request: a base URL with backticks (gaoyuanlianghua/okx_trading_bot 3f6ada0), an
endpoint that one region lacks, and those whose cause nobody told (talrasha007/okex-api#1, API-docs-OKEx.com#193, #203).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import md5

import pytest
from msgspec import Struct, field
from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture, Response
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.secrets.secret import Secret
from tests.forensics.bench import (
    API_KEY,
    BALANCE,
    KEYS,
    ORDER,
    ORDER_BODY,
    ORDER_FIELDS,
    PASSPHRASE,
    SECRET,
    STAMP,
    STAMP_SECONDS,
    b64,
    capture,
    inspected,
    mac,
    named,
    one,
)

pytestmark = pytest.mark.slow

SPACED = json.dumps(ORDER_FIELDS)
COMPACT = json.dumps(ORDER_FIELDS, separators=(",", ":"))


def sign(text: str, key: str = SECRET) -> str:
    return b64(mac(text, key))


def answered(made: Capture, code: str, late: float = 0.0) -> Capture:
    """With OKX's answer, whose Date is so many seconds after the timestamp."""
    return replace(made, response=Response(status=401, code=code, date=STAMP_SECONDS + late))


def login(stamp: str, signature: str | None = None, code: str = "") -> Capture:
    signed = sign(f"{stamp}GET/users/self/verify") if signature is None else signature
    arguments = {"apiKey": API_KEY, "passphrase": PASSPHRASE, "timestamp": stamp, "sign": signed}
    made = one(json.dumps({"op": "login", "args": [arguments]}))
    return replace(made, response=Response(code=code)) if code else made


def post(signed: str, sent: str = COMPACT, **more: object) -> Capture:
    return capture("POST", ORDER, sent.encode(), sign=sign(f"{STAMP}POST{ORDER}{signed}"), **more)  # type: ignore[arg-type]


def get(target: str, signed: str, **more: object) -> Capture:
    return capture("GET", target, sign=sign(f"{STAMP}GET{signed}"), **more)  # type: ignore[arg-type]


class Case(Struct, frozen=True, kw_only=True):
    """A case with where it was told, the request it comes to, and what must be named with which confidence.

    ``also`` are causes that may stand beside it.
    """

    id: str
    url: str
    made: Capture
    causes: Mapping[str, str]
    also: tuple[str, ...] = ()
    keys: Keys = field(default=KEYS)

    def __str__(self) -> str:
        return self.id


FILLS = "/api/v5/trade/fills"
POSITIONS = "/api/v5/account/positions"
HBOT = "https://github.com/hummingbot/hummingbot/"

CASES = (
    Case(
        id="prodissertation-okex",
        url="https://prodissertation.co.uk/post/cant-figure-out-how-to-send-a-signed-post-request-to-ok-ex",
        made=capture(
            "POST",
            "/api/v5/order/orders",
            SPACED.encode(),
            stamp="1700000000.123456",
            sign=mac(f"1700000000.123456POST/api/v5/order/orders{ORDER_FIELDS}").hex(),
        ),
        causes={"body-reserialised": "proven", "signature-hex": "proven", "timestamp-unit": "possible"},
    ),
    Case(
        id="nodejs-csharp-json",
        url="https://www.115ye.com/5472.html",
        made=post(SPACED),
        causes={"body-reserialised": "proven"},
    ),
    Case(
        id="nodejs-csharp-json-reverse",
        url="https://www.mftkaraj.com/18894.html",
        made=post(COMPACT, SPACED),
        causes={"body-reserialised": "proven"},
    ),
    Case(
        id="okcoin-stx",
        url="a module's README: the same key reads and cannot withdraw; what is signed is not what is sent",
        made=answered(post(SPACED), "50113"),
        causes={"body-reserialised": "proven"},
    ),
    Case(
        id="xchange-4445",
        url="https://github.com/knowm/XChange/issues/4445",
        made=answered(capture(), "50102", 40.0),
        causes={"clock-drift": "likely", "timestamp-stale": "possible"},
    ),
    Case(
        id="okxnet-47",
        url="https://github.com/burakoner/OKX.Api/issues/47",
        made=answered(capture(), "50102", 754.808),
        causes={"clock-drift": "likely", "timestamp-stale": "possible"},
    ),
    Case(
        id="ccxt-24005",
        url="https://github.com/ccxt/ccxt/issues/24005",
        made=answered(capture(), "50102", 60.0),
        causes={"clock-drift": "likely", "timestamp-stale": "possible"},
    ),
    Case(
        id="ccxt-11138",
        url="https://github.com/ccxt/ccxt/issues/11138",
        made=answered(capture(), "50102", -45.0),
        causes={"clock-drift": "likely"},
    ),
    *(
        Case(id=name, url=url, made=answered(made, "50101"), causes={"wrong-environment": "stated"})
        for name, url, made in (
            ("gaoyuan-simheader", "https://github.com/gaoyuanlianghua/okx_trading_bot/commit/47be88a", capture()),
            ("env-demo-jkorf", "https://github.com/JKorf/OKX.Net/issues/75", capture()),
            ("env-zh-50101", "a guide: one host, two environments, the header decides which key fits", capture()),
            ("env-demo-go-1", "https://github.com/amir-the-h/okex/issues/1", capture()),
            ("env-demo-go-ws", "https://github.com/amir-the-h/okex/issues/51", login("1795165737")),
            (
                "env-live-on-demo-2",
                "https://github.com/zerodivision2025/okex-api-v5/issues/4",
                capture(headers={"x-simulated-trading": "1"}),
            ),
            (
                "env-live-on-demo-3",
                "https://github.com/jane-cloud/Open-API-SDK-V5/issues/7",
                capture(headers={"x-simulated-trading": "1"}),
            ),
        )
    ),
    Case(
        id="okexnet-5.2.5-hardcoded-host",
        url="https://github.com/burakoner/OKEx.Net/commit/e458220",
        made=get(BALANCE, f"https://aws.okx.com{BALANCE}", origin="https://aws.okx.com"),
        causes={"full-url-signed": "proven", "host-not-api": "possible"},
    ),
    Case(
        id="hbot-perp-getbody",
        url=HBOT + "commit/3d10a1f6fa",
        made=get(f"{POSITIONS}?instType=SWAP", POSITIONS + "{'instType': 'SWAP'}"),
        causes={"get-body-signed": "proven"},
    ),
    Case(
        id="okx-go-85f85b4",
        url="https://github.com/wheatliu/okx-go/commit/85f85b4",
        made=answered(capture(headers={"OK-ACCESS-PASSPHRASE": None}), "50104"),
        causes={"header-missing": "stated"},
    ),
    Case(
        id="okxapi-net-1-nokey",
        url="https://github.com/burakoner/OKX.Api/issues/1",
        made=answered(
            capture(headers=dict.fromkeys([f"OK-ACCESS-{n}" for n in ("KEY", "SIGN", "TIMESTAMP", "PASSPHRASE")])),
            "50103",
        ),
        causes={"header-missing": "stated"},
    ),
    Case(
        id="ccxt-5976",
        url="https://github.com/ccxt/ccxt/issues/5976",
        made=answered(
            capture(headers=dict.fromkeys([f"OK-ACCESS-{n}" for n in ("KEY", "SIGN", "TIMESTAMP", "PASSPHRASE")])),
            "50103",
        ),
        causes={"header-missing": "stated"},
    ),
    Case(
        id="freqtrade-11492",
        url="https://github.com/freqtrade/freqtrade/issues/11492",
        made=answered(capture(headers={"OK-ACCESS-PASSPHRASE": ""}), "50104"),
        causes={"header-missing": "stated"},
    ),
    Case(
        id="ip-replit-50110",
        url="https://github.com/AndrewRoyceMartin/Crypto-Trader-REPLIT/commit/d3f3f01",
        made=answered(capture(), "50110"),
        causes={"ip-not-allowlisted": "stated"},
    ),
    *(
        Case(
            id=name,
            url=url,
            made=answered(made, code),
            causes={"wrong-site": "likely"},
            also=("api-key-unknown",),
        )
        for name, url, made, code in (
            ("freqtrade-9422", "https://github.com/freqtrade/freqtrade/issues/9422", capture(), "50119"),
            ("region-rotki-10552", "https://github.com/rotki/rotki/issues/10552", capture(), "50119"),
            ("region-ccxt-24601", "https://github.com/ccxt/ccxt/issues/24601", capture(), "50119"),
            ("region-freqtrade-10967", "https://github.com/freqtrade/freqtrade/issues/10967", capture(), "50119"),
            ("region-python-okx-92", "https://github.com/okxapi/python-okx/issues/92", capture(), "50119"),
            (
                "region-nautilus-4250",
                "https://github.com/nautechsystems/nautilus_trader/issues/4250",
                login("1795165737"),
                "60032",
            ),
            ("region-ccxt-24530", "https://github.com/ccxt/ccxt/issues/24530", capture(), "50119"),
            (
                "region-it-ccxt-eu",
                "a bot whose own calls use the EU host, its library's the default",
                capture(),
                "50119",
            ),
            (
                "region-python-okx-81",
                "https://github.com/okxapi/python-okx/issues/81",
                login("1795165737"),
                "60032",
            ),
            ("region-ccxt-29195", "https://github.com/ccxt/ccxt/issues/29195", login("1795165737"), "60032"),
        )
    ),
    Case(
        id="region-ccxt-25403",
        url="https://github.com/ccxt/ccxt/issues/25403",
        made=answered(capture(stamp="1736899200123"), "50119"),
        causes={"wrong-site": "likely", "timestamp-unit": "likely"},
        also=("api-key-unknown",),
    ),
    Case(
        id="py-bytes-json",
        url="https://www.115ye.com/5472.html",
        made=capture(sign=str(b64(mac(f"{STAMP}GET{BALANCE}")).encode())),
        causes={"signature-bytes-repr": "proven"},
    ),
    Case(
        id="pyted-1",
        url="https://github.com/pyted/okx/issues/1",
        made=answered(capture(headers={"OK-ACCESS-KEY": "bogus"}), "50111"),
        causes={"api-key-malformed": "stated"},
    ),
    Case(
        id="gaoyuan-minus1",
        url="https://github.com/gaoyuanlianghua/okx_trading_bot/commit/bab458d",
        made=answered(
            capture(
                sign=sign(f"{STAMP}GET{BALANCE}", "-1"),
                headers={"OK-ACCESS-KEY": "-1", "OK-ACCESS-PASSPHRASE": "-1"},
            ),
            "50111",
        ),
        causes={"credentials-placeholder": "proven"},
        also=("passphrase-differs", "api-key-malformed"),
    ),
    Case(
        id="env-hash-truncation",
        url="https://nodejs.org/api/cli.html#--env-fileconfig",
        made=answered(capture(headers={"OK-ACCESS-PASSPHRASE": "Sunny"}), "50105"),
        causes={"passphrase-differs": "stated"},
        keys=replace(KEYS, passphrase=Secret("Sunny#Day7")),
    ),
    Case(
        id="docs-215",
        url="https://github.com/okcoin-okex/API-docs-OKEx.com/issues/215",
        made=capture(headers={"OK-ACCESS-PASSPHRASE": "Sunny%26Day7"}),
        causes={"passphrase-differs": "likely"},
        keys=replace(KEYS, passphrase=Secret("Sunny&Day7")),
    ),
    Case(
        id="ccxt-22265",
        url="https://github.com/ccxt/ccxt/issues/22265",
        made=answered(capture(headers={"OK-ACCESS-PASSPHRASE": "my login password"}), "50105"),
        causes={"passphrase-differs": "stated"},
    ),
    Case(
        id="ccxt-6059",
        url="https://github.com/ccxt/ccxt/issues/6059",
        made=capture(headers={"OK-ACCESS-PASSPHRASE": f"{PASSPHRASE}\r"}),
        causes={"passphrase-differs": "likely"},
    ),
    Case(
        id="env-live-50105-claim",
        url="a probe's comment: a live key with the demo header and 50105",
        made=answered(capture(headers={"x-simulated-trading": "1"}), "50105"),
        causes={"passphrase-wrong": "stated"},
    ),
    Case(
        id="supequant-passphrase",
        url="https://github.com/lotbones1-code/supequant/blob/main/FIX_PASSPHRASE.md",
        made=answered(capture(), "50105"),
        causes={"passphrase-wrong": "stated"},
    ),
    Case(
        id="goex-b5b0a1a",
        url="https://github.com/nntaoli-project/goex/commit/b5b0a1a",
        made=capture("POST", ORDER, ORDER_BODY, sign=b64(mac(f"{STAMP}POST{COMPACT}", b""))),
        causes={"secret-empty": "proven", "prehash-partial": "proven"},
    ),
    Case(
        id="hbot-5800-sorted",
        url=HBOT + "issues/5800",
        made=get(f"{FILLS}?instType=SPOT&instId=BTC-USDT", f"{FILLS}?instId=BTC-USDT&instType=SPOT"),
        causes={"query-reordered": "proven"},
    ),
    Case(
        id="cred-set-744",
        url="a direct probe with the same three values answers Invalid Sign in both modes",
        made=answered(capture(), "50113"),
        causes={"secret-wrong": "likely"},
    ),
    Case(
        id="ccxt-11109",
        url="https://github.com/ccxt/ccxt/issues/11109",
        made=answered(capture("GET", "/api/v5/asset/currencies"), "50113"),
        causes={"secret-wrong": "likely"},
    ),
    Case(
        id="env-double-equals",
        url='NAME=="value" in an env file: a README\'s warning from experience',
        made=capture(sign=sign(f"{STAMP}GET{BALANCE}", f'="{SECRET}"')),
        causes={"secret-altered": "proven"},
    ),
    Case(
        id="zenith-secret-o-zero",
        url="https://github.com/lprnmns/zenith-trader/blob/main/update_correct_secret.js",
        made=capture(sign=sign(f"{STAMP}GET{BALANCE}", SECRET.replace("0", "O", 1))),
        causes={"secret-altered": "proven"},
    ),
    Case(
        id="okxapi-9006434",
        url="https://github.com/okxapi/python-okx/commit/9006434",
        made=capture(stamp=""),
        causes={"header-missing": "likely"},
    ),
    Case(
        id="okexnet-11",
        url="https://github.com/burakoner/OKEx.Net/issues/11",
        made=capture(sign=sign(f"{STAMP}GET{BALANCE}2026-11-20T09:08:57.719ZGET{FILLS}")),
        causes={"signature-unexplained": "likely"},
    ),
    Case(
        id="tiagosiebler-71fd4d8-promise",
        url="https://github.com/tiagosiebler/okx-api/commit/71fd4d8",
        made=capture(sign="[object Promise]"),
        causes={"signature-not-computed": "likely"},
    ),
    Case(
        id="hbot-perp-frozen-ts",
        url=HBOT + "commit/98d945ece9",
        made=replace(answered(capture(), "50102", 75.0), sent_at=STAMP_SECONDS + 74.9),
        causes={"timestamp-stale": "likely"},
    ),
    Case(
        id="okex-v3-35",
        url="https://github.com/okex/V3-Open-API-SDK/issues/35",
        made=capture("GET", "/api/spot/v3/accounts", stamp="1600000000.12"),
        causes={"api-version-retired": "likely", "timestamp-unit": "possible"},
    ),
    Case(
        id="okcoin-v3-61",
        url="https://github.com/okcoin-okex/open-api-v3-sdk/issues/61",
        made=capture("GET", "/api/account/v3/wallet", stamp="2019-06-01T10:11:12.123456Z"),
        causes={"api-version-retired": "likely", "timestamp-precision": "possible"},
    ),
    Case(
        id="ccw13-853",
        url="https://ccw13.com/853.html",
        made=answered(capture(stamp="2023-03-14T14:13:28.849123"), "50102"),
        causes={"timestamp-format": "likely"},
    ),
    Case(
        id="liang-double-fraction",
        url="https://github.com/liangjiangliang/okx-trading1/commit/426836d",
        made=answered(capture(stamp="2025-04-04T12:00:00.123456.000Z"), "50112"),
        causes={"timestamp-format": "stated"},
    ),
    Case(
        id="xchange-82b0ed",
        url="https://github.com/knowm/XChange/commit/82b0ed5d17",
        made=capture(stamp="2020-02-06T10:11:12Z"),
        causes={"timestamp-precision": "likely"},
    ),
    Case(
        id="replit-micro",
        url="https://github.com/AndrewRoyceMartin/Crypto-Trader-REPLIT/commit/38aa197",
        made=capture(stamp="2025-09-01T10:11:12.123456Z"),
        causes={"timestamp-precision": "possible"},
    ),
    Case(
        id="hbot-015ac20ea9-offset",
        url=HBOT + "commit/015ac20ea9",
        made=answered(capture(stamp="2025-03-01T00:00:00.000+00:00"), "50112"),
        causes={"timestamp-format": "stated"},
    ),
    Case(
        id="exchangesharp-519",
        url="https://github.com/DigitalRuby/ExchangeSharp/issues/519",
        made=capture(
            "POST",
            "/api/spot/v3/orders",
            b'{"side":"buy","size":"1"}',
            sign=md5(f"side=buy&size=1&secret_key={SECRET}".encode()).hexdigest().upper(),
        ),
        causes={"other-exchange-recipe": "proven", "api-version-retired": "likely"},
    ),
    Case(
        id="aloysius-129",
        url="https://github.com/aloysius-pgast/crypto-exchanges-gateway/issues/129",
        made=capture("GET", "/api/spot/v3/accounts"),
        causes={"api-version-retired": "likely"},
    ),
    Case(
        id="hbot-perp-ws-iso",
        url=HBOT + "commit/41edecdcdc",
        made=login(STAMP, code="60004"),
        causes={"websocket-timestamp": "likely"},
    ),
    Case(
        id="docs-185",
        url="https://github.com/okcoin-okex/API-docs-OKEx.com/issues/185",
        made=login(STAMP),
        causes={"websocket-timestamp": "likely"},
    ),
    Case(
        id="okxapi-64",
        url="https://github.com/okxapi/python-okx/issues/64",
        made=login("1795165737715", code="60006"),
        causes={"websocket-timestamp": "likely"},
    ),
    *(
        Case(id=name, url=url, made=get(f"{path}?{query}", path), causes={"query-not-signed": "proven"})
        for name, url, path, query in (
            (
                "mariposa-24ea5fc",
                "https://github.com/hatemua/mariposa-scalping/commit/24ea5fc",
                ORDER,
                "instId=SOL-USDT&ordId=1",
            ),
            (
                "okxapi-net-4-query",
                "https://github.com/burakoner/OKX.Api/issues/4",
                POSITIONS,
                "instId=LINK-USDT-SWAP&instType=SWAP",
            ),
            ("bbgo-d7ba8f347", "https://github.com/c9s/bbgo/commit/d7ba8f347", ORDER, "instId=BTC-USDT&ordId=1"),
        )
    ),
    Case(
        id="sieblyio-22",
        url="https://github.com/sieblyio/okx-api/issues/22",
        made=capture(sign=sign(f"{STAMP}GET{BALANCE}", PASSPHRASE)),
        causes={"passphrase-as-secret": "proven"},
    ),
    Case(
        id="okx-go-9543e1a",
        url="https://github.com/wheatliu/okx-go/commit/9543e1a",
        made=capture(sign=mac(f"{STAMP}GET{BALANCE}").hex()),
        causes={"signature-hex": "proven"},
    ),
    Case(
        id="so-76158944-php",
        url="https://stackoverflow.com/questions/76158944",
        made=capture(sign=b64(mac(f"{STAMP}GET{BALANCE}").hex().encode())),
        causes={"signature-base64-of-hex": "proven"},
    ),
    Case(
        id="nautilus-2553",
        url="https://github.com/nautechsystems/nautilus_trader/commit/86b0c0c423",
        made=login("1795165737", b64(mac("1795165737GET/users/self/verify").hex().encode())),
        causes={"signature-base64-of-hex": "proven"},
    ),
    Case(
        id="okxapi-55",
        url="https://github.com/okxapi/python-okx/issues/55",
        made=answered(capture(stamp="1710662400000"), "50102"),
        causes={"timestamp-unit": "likely"},
    ),
    Case(
        id="wallet-authmanager-ms",
        url="a repair that takes 50113 for a matter of milliseconds since 1970: the answer is 50102 then",
        made=answered(capture(stamp="1710662400000"), "50102"),
        causes={"timestamp-unit": "likely"},
    ),
    Case(
        id="okcoin-v3-77",
        url="https://github.com/okcoin-okex/open-api-v3-sdk/issues/77",
        made=capture("GET", "/api/account/v3/wallet", stamp="1575737785000"),
        causes={"timestamp-unit": "likely", "api-version-retired": "likely"},
    ),
    Case(
        id="goex-9710bf1",
        url="https://github.com/nntaoli-project/goex/commit/ceba5fa",
        made=answered(capture(), "50102", -8 * 3600.0),
        causes={"clock-timezone": "likely"},
    ),
    Case(
        id="hbot-perp-epochms",
        url=HBOT + "commit/7295963b36",
        made=capture(stamp="1795165737.7193", sign=sign(f"1795165737715GET{BALANCE}")),
        causes={"timestamp-differs": "proven", "timestamp-unit": "possible"},
    ),
    Case(
        id="so-66486374-two-times",
        url="https://stackoverflow.com/questions/66486374",
        made=capture(sign=sign(f"2026-11-20T09:08:57.511ZGET{BALANCE}")),
        causes={"timestamp-differs": "proven"},
    ),
    Case(
        id="okxapi-net-68",
        url="https://github.com/burakoner/OKX.Api/issues/68",
        made=get(f"{BALANCE}?ccy=USDT%2CBTC", f"{BALANCE}?ccy=USDT,BTC"),
        causes={"query-encoding": "proven"},
    ),
    Case(
        id="okxapi-net-68-reverse",
        url="https://github.com/burakoner/OKX.Api/issues/68",
        made=get(f"{BALANCE}?ccy=USDT,BTC", f"{BALANCE}?ccy=USDT%2CBTC"),
        causes={"query-encoding": "proven"},
    ),
    Case(
        id="xinbiquan-71437-sorted",
        url="https://www.xinbiquan.com/20251129/71437.html",
        made=capture(
            "GET", f"{POSITIONS}?instType=SWAP&instId=BTC-USDT", sign=mac("instId=BTC-USDT&instType=SWAP").hex().upper()
        ),
        causes={"other-exchange-recipe": "proven"},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_public_case_is_named_right(case: Case) -> None:
    found = named(inspected(case.made, case.keys))

    assert {cause: sure for cause, sure in found.items() if cause not in case.also} == dict(case.causes)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_public_case_is_never_proven_without_the_secret(case: Case) -> None:
    assert "proven" not in named(inspected(case.made, None)).values()


def test_no_case_stands_twice() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
