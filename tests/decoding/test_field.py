"""Public reports of 2026 in the reporters' own lines: once read wrongly, by half or not at all, or to stay right."""

from __future__ import annotations

import pytest
from msgspec import Struct

from okx_doctor.decoding.decode import decode
from okx_doctor.report.decoding import render_text
from okx_doctor.secrets.redactor import derived_forms

pytestmark = pytest.mark.slow

_WEB3 = "POST https://web3.okx.com/api/v5/dex/pre-transaction/broadcast-transaction"
_FETCH = "okx GET https://www.okx.com/api/v5/asset/currencies"


class Field(Struct, frozen=True, kw_only=True):
    """``says`` and ``never`` are words of the printed answer; ``codes`` the answers in their order."""

    source: str
    text: str
    first: str = ""
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    codes: tuple[str, ...] = ("",)
    also: tuple[str, ...] = ()


CASES = {
    "TLS to a plain proxy, bare": Field(
        source="https://github.com/ccxt/ccxt/issues/11465",
        text="requests.exceptions.SSLError: HTTPSConnectionPool(host='www.okx.com', port=443): Max retries exceeded with "
        "url: /api/v5/public/time (Caused by SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number "
        "(_ssl.c:1006)')))",
        first="proxy-failure",
        says=("https://", "write http://"),
        never=("tls-untrusted",),
    ),
    "TLS to a plain proxy, told": Field(
        source="https://github.com/ccxt/ccxt/issues/11465",
        text="requests.exceptions.ProxyError: HTTPSConnectionPool(host='www.okx.com', port=443): (Caused by "
        "ProxyError('Cannot connect to proxy.', SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version "
        "number'))))",
        first="proxy-failure",
        says=("Write http://", "the s belongs to the target"),
        never=("tls-untrusted",),
    ),
    "a login sent again after a reconnect": Field(
        source="https://github.com/okxapi/python-okx/issues/16",
        text='{"event":"error","msg":"Timestamp request expired","code":"60006","connId":"a4d3ae55"}',
        codes=("60006",),
        also=("timestamp-stale",),
        says=("After a reconnect",),
    ),
    "a client's own claim": Field(
        source="https://github.com/burakoner/OKX.Api/issues/37",
        text='{"Success":false,"Error":{"Code":null,"Message":"Authentication failed: No credentials provided for '
        'private endpoint","Data":null},"Data":null}',
        first="credentials-missing",
        says=("its own claim", "raw answer"),
        never=("ccxt", "credentials-missing: likely"),
    ),
    "Web3's 60031": Field(
        source="https://web3.okx.com/build/dev-docs (its table of WebSocket codes)",
        text='{"event":"error","code":"60031","msg":"API key doesn\'t exist."}',
        codes=("60031",),
        says=("Web3 product uses this number",),
        never=("likely", "$ okx-doctor check"),
    ),
    "Web3's 60030": Field(
        source="https://web3.okx.com/build/dev-docs (its table of WebSocket codes)",
        text='{"event":"error","code":"60030","msg":"The WebSocket endpoint does not allow multiple or repeated logins"}',
        codes=("60030",),
        says=("Web3 product uses this number",),
    ),
    "a key of the exchange at Web3": Field(
        source="https://web3.okx.com/build/dev-docs",
        text='GET https://web3.okx.com/api/v5/account/balance 401 {"msg":"Invalid OK-ACCESS-KEY","code":"50111"}',
        codes=("50111",),
        first="web3-key",
        says=("keys and codes of its own",),
        never=("$ okx-doctor check",),
    ),
    "two codes": Field(
        source="https://github.com/Drakkar-Software/OctoBot/issues/3610",
        text='okx {"msg":"Invalid OK-ACCESS-KEY","code":"50111"}\nokx {"msg":"API key doesn\'t exist","code":"50119"}',
        codes=("50119", "50111"),
        first="wrong-site",
    ),
    "a timeout, and what a browser shows": Field(
        source="https://github.com/ccxt/ccxt/issues/15895",
        text=f"ccxt.base.errors.RequestTimeout: {_FETCH}\n"
        'in the browser: {"msg":"Request header OK-ACCESS-KEY can not be empty.","code":"50103"}',
        codes=("", "50103"),
        first="connection-timeout",
        says=("in a browser",),
    ),
    "an unsigned call of a path called public": Field(
        source="https://github.com/okx/agent-trade-kit/blob/main/CHANGELOG.md",
        text='{"code":"50103","msg":"Request header OK-ACCESS-KEY can not be empty."}',
        codes=("50103",),
        first="header-missing",
        says=("without signing",),
    ),
    "50123 behind OKX's name": Field(
        source="public logs of two projects, 2026",
        text="order refused: HTTP 401 / OKX 50123",
        codes=("50123",),
        first="permission-market",
        says=("not this instrument or market",),
        never=("without a code", "clock-drift: possible"),
    ),
    "50124 in brackets": Field(
        source="public logs of two projects, 2026",
        text="okx request failed [code 50124]: no access",
        codes=("50124",),
        first="permission-market",
    ),
    "urllib's own 403": Field(
        source="fix notes of four projects, 2026",
        text="urllib.error.HTTPError: HTTP Error 403: Forbidden",
        first="blocked-by-edge",
        says=("User-Agent",),
    ),
    "Cloudflare's 1010": Field(
        source="fix notes of four projects, 2026",
        text="error code: 1010",
        codes=("1010",),
        first="blocked-by-edge",
        says=("User-Agent",),
    ),
    "a certificate of another name, Python": Field(
        source="https://github.com/okxapi/python-okx/pull/3",
        text="httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, "
        "certificate is not valid for 'www.okx.com'. (_ssl.c:1129)",
        first="dns-failure",
        says=("Another server answered", "nslookup"),
    ),
    "a certificate of another name, Java": Field(
        source="https://github.com/knowm/XChange/issues/4928",
        text="javax.net.ssl.SSLHandshakeException: No name matching www.okx.com found\nCaused by: "
        "java.security.cert.CertificateException: No name matching www.okx.com found",
        first="dns-failure",
        says=("Another server answered",),
    ),
    "check_hostname": Field(
        source="https://github.com/vnpy/vnpy/issues/2990",
        text="ValueError: check_hostname requires server_hostname",
        first="proxy-failure",
        says=("Write http://",),
    ),
    "WinError in Chinese": Field(
        source="https://github.com/okxapi/python-okx/issues/54",
        text="ConnectionError: HTTPSConnectionPool(host='www.okx.com', port=443): Max retries exceeded with url: "
        "/cn/api/v5/market/ticker?instId=BTC-USDT-SWAP (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection "
        "object at 0x000001>: Failed to establish a new connection: [WinError 10065] 向一个无法连接的主机尝试了一个套接字操作。'))",
        first="connection-refused",
        says=("No way leads to that address", "before /api/v5/"),
    ),
    "a login on another connection": Field(
        source="https://github.com/ccxt/ccxt/pull/19186",
        text="connecting to wss://ws.okx.com/ws/v5/private\nsending { op: 'login', args: [ { apiKey: '...' } ] }\n"
        "onMessage { event: 'login', code: '0', msg: '' }\nconnecting to wss://ws.okx.com/ws/v5/business\n"
        "sending { op: 'subscribe', args: [ { channel: 'orders-algo', instType: 'ANY' } ] }\n"
        "onMessage { event: 'error', msg: 'Please log in', code: '60011' }",
        codes=("60011",),
        first="websocket-login-missing",
        says=("its own login", "orders-algo is served on", "on another connection"),
    ),
    "an order before the login": Field(
        source="https://github.com/DogsTailFarmer/crypto-ws-api/issues/2",
        text="Malformed request, status: 'Please log in', code 60011",
        codes=("60011",),
        first="websocket-login-missing",
    ),
    "a fee tier": Field(
        source="https://github.com/sieblyio/okx-api/issues/140",
        text='{"event":"error","msg":"Only users who are VIP4 and above in trading fee tier are allowed to subscribe to '
        'books-l2-tbt channel","code":"60030","connId":"a4d3ae55"}',
        codes=("60030",),
        says=("Key and login are fine", "books-l2-tbt is served on /ws/v5/public"),
        never=("Next", "✗"),
    ),
    "Web3's 50125": Field(
        source="https://github.com/okx/okx-dex-sdk/issues/6",
        text='AxiosError: Request failed with status code 401 data: { "msg": "Invalid Request Access uri", "code": '
        f'"50125" }} {_WEB3}',
        codes=("50125",),
        first="web3-key",
        says=("Web3",),
        never=("$ okx-doctor check",),
    ),
    "GOAWAY": Field(
        source="https://github.com/okxapi/python-okx/issues/9",
        text="httpx.RemoteProtocolError: <ConnectionTerminated error_code:ErrorCodes.NO_ERROR, last_stream_id:1999, "
        "additional_data:None>",
        first="connection-refused",
        says=("HTTP/2", "http2=False"),
    ),
    "the retired host": Field(
        source="https://github.com/pyted/okx/issues/15",
        text="requests.exceptions.SSLError: HTTPSConnectionPool(host='www.okex.com', port=443): Max retries exceeded with "
        "url: /api/v5/account/balance (Caused by SSLError(SSLEOFError(8, '[SSL: UNEXPECTED_EOF_WHILE_READING] EOF "
        "occurred in violation of protocol (_ssl.c:1002)')))",
        first="host-not-api",
        says=("okex.com", "www.okx.com"),
        also=("connection-refused",),
    ),
    "an address that nobody has": Field(
        source="https://github.com/14790897/OpenWrt-In-Docker/issues/2",
        text="*   Trying 169.254.0.2:443...",
        first="dns-failure",
        says=("no public name has",),
    ),
    "an address that nobody has, and curl's own end": Field(
        source="https://github.com/14790897/OpenWrt-In-Docker/issues/2",
        text="*   Trying 169.254.0.2:443...\n* connect to 169.254.0.2 port 443 failed: Connection timed out\n"
        "curl: (28) Failed to connect to www.okx.com port 443 after 130000 ms: Connection timed out",
        first="dns-failure",
        also=("connection-timeout",),
    ),
    "axios and its dump": Field(
        source="the form of axios",
        text="AxiosError: Request failed with status code 401\n  config: { baseURL: 'https://www.okx.com', params: { ccy: "
        "'USDT' }, url: '/api/v5/account/balance' },\n  response: { status: 401, data: { msg: 'Invalid Sign', code: "
        "'50113' } }",
        codes=("50113",),
    ),
    "an IPv6 address": Field(
        source="fix notes of two projects, 2026",
        text='{"msg":"Your IP 2001:db8::7 is not included in your API key\'s 37c541a1-0f3c-4b6b-9d3e-10fe7a038418 IP '
        'whitelist.","code":"50110"}',
        codes=("50110",),
        first="ip-not-allowlisted",
        says=("2001:db8::7", "IPv6"),
        never=("37c541a1",),
    ),
    "an address that changes": Field(
        source="fix notes of three projects, 2026",
        text='{"msg":"Your IP 203.0.113.77 is not included in your API key\'s 37c541a1-0f3c-4b6b-9d3e-10fe7a038418 IP '
        'whitelist.","code":"50110"}',
        codes=("50110",),
        first="ip-not-allowlisted",
        says=("203.0.113.77", "fixed exit address"),
    ),
    "11004": Field(
        source="https://github.com/okxapi/python-okx/issues/5",
        text="httpx.ConnectError: [Errno 11004] getaddrinfo failed",
        first="dns-failure",
        says=("does not use the proxy",),
    ),
    "525": Field(
        source="https://github.com/okcoin-okex/API-docs-OKEx.com/issues/128",
        text="<html><head><title>www.okex.com | 525: SSL handshake failed</title></head><body>cloudflare</body></html>",
        first="exchange-unavailable",
    ),
    "a dead proxy": Field(
        source="https://github.com/vnpy/vnpy/issues/1566",
        text="requests.exceptions.ProxyError: HTTPSConnectionPool(host='www.okx.com', port=443): Max retries exceeded with "
        "url: /api/v5/public/instruments (Caused by ProxyError('Cannot connect to proxy.', NewConnectionError('...: "
        "Failed to establish a new connection: [WinError 10061] 由于目标计算机积极拒绝，无法连接。')))",
        first="proxy-failure",
    ),
    "60014": Field(
        source="https://github.com/ccxt/ccxt/issues/25373",
        text='RateLimitExceeded: okx {"event":"error","msg":"Requests too frequent","code":"60014","connId":"a4d3ae55"}',
        codes=("60014",),
        first="rate-limited",
    ),
    "a clock of Windows": Field(
        source="https://github.com/freqtrade/freqtrade/issues/9340",
        text='okx {"msg":"Timestamp request expired","code":"50102"}',
        codes=("50102",),
        first="clock-drift",
    ),
    "a bundle of a language other than English": Field(
        source="https://github.com/burakoner/OKX.Api/issues/37, form",
        text="OKX error Cod: 50105 [Passphrase]",
        codes=("50105",),
        first="passphrase-wrong",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_report_of_the_field_is_read_as_it_should_have_been(name: str) -> None:
    case = CASES[name]
    answers = decode(case.text)
    printed = " ".join(render_text(answers, width=200).split())

    assert [answer.code for answer in answers] == [*case.codes]
    causes = [cause.id for answer in answers for cause in answer.causes]
    assert not case.first or causes[0] == case.first
    assert set(case.also) <= set(causes)
    assert [words for words in case.says if words not in printed] == []
    assert [words for words in case.never if words in printed] == []


@pytest.mark.parametrize("form", sorted(derived_forms("37c541a1-0f3c-4b6b-9d3e-10fe7a038418")))
def test_no_key_of_a_report_is_printed(form: str) -> None:
    assert [name for name, case in CASES.items() if form in render_text(decode(case.text))] == []


PUBLIC = {
    "freqtrade-11492": ("okx requires password credential", "credentials-missing"),
    "gaoyuan-backticks": (
        "requests.exceptions.InvalidSchema: No connection adapters were found for '`https://www.okx.com`/api/v5/x'",
        "base-url-invalid",
    ),
    "py-bytes-json": ("TypeError: Object of type bytes is not JSON serializable", "signature-bytes-repr"),
    "ccxt-5976": ("ccxt.base.errors.AuthenticationError: okex3 requires `apiKey`", "credentials-missing"),
}
"""The cases of the public list that have no number, in the words of the clients that they name."""


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_case_without_a_number_is_read_by_its_words(name: str) -> None:
    text, cause = PUBLIC[name]

    assert decode(text)[0].causes[0].id == cause
