"""Forty-five failures that people told of in public in 2026, each at the doors where they would come in.

``tests/data/field.jsonl`` has where each was told, by whom, and what was behind it. What a program printed is given as
it was quoted; a request is made anew with credentials of no account. Where a cause is only assumed in its source, no
more is asked for than what the product can know.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import Struct, field

from tests.cli.running import clean, okx_doctor
from tests.forensics.bench import API_KEY, PASSPHRASE, SECRET, b64, mac

pytestmark = pytest.mark.slow

ROWS = [json.loads(line) for line in (Path(__file__).parents[1] / "data" / "field.jsonl").read_text().splitlines()]
STAMP = "2026-11-26T10:20:30.456Z"
BALANCE = "/api/v5/account/balance"
ASKED = f"{BALANCE}?ccy=USDT"
ORDER = "/api/v5/trade/order"
BODY = '{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"2.15","sz":"10"}'
KEYS = {"OKX_API_KEY": API_KEY, "OKX_SECRET_KEY": SECRET, "OKX_PASSPHRASE": PASSPHRASE}
LOGIN = b64(mac("1795688430GET/users/self/verify"))


class Door(Struct, frozen=True, kw_only=True):
    """One run: what is given, and words that its output has and has not."""

    command: tuple[str, ...]
    given: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=lambda: KEYS)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    status: int = 0


def decode(text: str, *says: str, never: tuple[str, ...] = (), status: int = 0) -> Door:
    return Door(command=("decode", text), says=says, never=never, status=status)


def inspect(given: str, *says: str, never: tuple[str, ...] = (), status: int = 1) -> Door:
    return Door(command=("inspect", "-"), given=given, says=says, never=never, status=status)


def check(name: str, text: str, *says: str, never: tuple[str, ...] = (), status: int = 1, option: str = "") -> Door:
    command = ("check", "--offline", option or "--credentials", name)
    return Door(command=command, files={name: text}, env={}, says=says, never=never, status=status)


def sign(text: str, key: str = SECRET) -> str:
    return b64(mac(text, key))


def request(
    target: str = ASKED,
    body: str = "",
    *,
    signed: str | None = None,
    sent: str = "",
    stamp: str = STAMP,
    host: str = "https://www.okx.com",
    answer: tuple[int, str] | None = None,
    dated: str = "",
    **more: str,
) -> str:
    """A request as JSON; ``signed`` is the text of it that was signed, ``sent`` a signature of another form."""
    method = "POST" if body else "GET"
    headers = {
        "OK-ACCESS-KEY": API_KEY,
        "OK-ACCESS-SIGN": sent or sign(stamp + method + (target + body if signed is None else signed)),
        "OK-ACCESS-TIMESTAMP": stamp,
        "OK-ACCESS-PASSPHRASE": PASSPHRASE,
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    made: dict[str, object] = {"method": method, "url": host + target, "headers": headers, "body": body}
    if answer:
        status, text = answer
        made["response"] = {"status": status, "body": text, "headers": {"Date": dated} if dated else {}}
    return json.dumps(made)


def ccxt(key: str, passphrase: str, signature: str, answer: str = "") -> str:
    """ccxt's verbose log for Python."""
    return (
        f"fetch Request: okx GET https://www.okx.com{ASKED} RequestHeaders: {{'OK-ACCESS-KEY': '{key}', "
        f"'OK-ACCESS-PASSPHRASE': '{passphrase}', 'OK-ACCESS-TIMESTAMP': '{STAMP}', 'OK-ACCESS-SIGN': '{signature}'}} "
        f"RequestBody: None\n\n{answer}"
    )


def refused(answer: str) -> str:
    return (
        f"fetch Response: okx GET https://www.okx.com{ASKED} 401 ResponseHeaders: {{'Server': 'cloudflare'}} "
        f"ResponseBody: {answer}\n"
    )


def login(quote: str = '"') -> str:
    arguments = {"apiKey": API_KEY, "passphrase": PASSPHRASE, "timestamp": "1795688430", "sign": LOGIN}
    return json.dumps({"op": "login", "args": [arguments]}).replace('"', quote)


INVALID_SIGN = '{"msg":"Invalid Sign","code":"50113"}'
EXPIRED = '{"event":"error","msg":"Timestamp request expired","code":"60006"}'
TIMED_OUT = "ccxt.base.errors.RequestTimeout: okx GET https://www.okx.com/api/v5/asset/currencies"
EMPTY_KEY = '{"msg":"Request header OK-ACCESS-KEY can not be empty.","code":"50103"}'
SSL = "requests.exceptions.SSLError: HTTPSConnectionPool(host='{}', port=443): Max retries exceeded with url: /api/v5/x"
SOCKETS = (
    "connecting to wss://ws.okx.com/ws/v5/private\nsending { op: 'login', args: [ { apiKey: '...' } ] }\n"
    "onMessage { event: 'login', code: '0' }\nconnecting to wss://ws.okx.com/ws/v5/business\n"
    "sending { op: 'subscribe', args: [ { channel: 'orders-algo' } ] }\n"
    "onMessage { event: 'error', msg: 'Please log in', code: '60011' }\n"
)
AXIOS = (
    "AxiosError: Request failed with status code 401\n    at settle (file:///app/settle.js:19:12) {\n"
    f"  config: {{ headers: {{ 'OK-ACCESS-KEY': '{API_KEY}', 'OK-ACCESS-SIGN': '{sign(STAMP + 'GET' + BALANCE)}',\n"
    f"    'OK-ACCESS-TIMESTAMP': '{STAMP}', 'OK-ACCESS-PASSPHRASE': '{PASSPHRASE}' }},\n"
    f"    baseURL: 'https://www.okx.com', params: {{ ccy: 'USDT' }}, method: 'get', url: '{BALANCE}' }},\n"
    "  response: { status: 401, data: { msg: 'Invalid Sign', code: '50113' } }\n}\n"
)
AXIOS_JSON = json.dumps(
    {
        "message": "Request failed with status code 401",
        "name": "AxiosError",
        "config": {
            "headers": {
                "OK-ACCESS-KEY": API_KEY,
                "OK-ACCESS-SIGN": sign(f"{STAMP}GET{BALANCE}"),
                "OK-ACCESS-TIMESTAMP": STAMP,
                "OK-ACCESS-PASSPHRASE": PASSPHRASE,
            },
            "baseURL": "https://www.okx.com",
            "params": {"ccy": "USDT"},
            "method": "get",
            "url": BALANCE,
        },
        "code": "ERR_BAD_REQUEST",
        "status": 401,
    }
)
REFUSALS = {
    "ValueError: Invalid header value b'Tern-Harbour7\\n'": "credential-whitespace",
    'TypeError [ERR_INVALID_CHAR]: Invalid character in header content ["OK-ACCESS-PASSPHRASE"]': (
        "client-refused-header"
    ),
    'net/http: invalid header field value for "Ok-Access-Passphrase"': "credential-whitespace",
    "UnicodeEncodeError: 'ascii' codec can't encode character '\\u2013' in position 4": "credential-characters",
    "TypeError: Header value must be str or bytes, not <class 'NoneType'>": "credentials-missing",
    'TypeError [ERR_HTTP_INVALID_HEADER_VALUE]: Invalid value "undefined" for header "OK-ACCESS-KEY"': (
        "credentials-missing"
    ),
    'TypeError [ERR_INVALID_ARG_TYPE]: The "key" argument must be of type string or an instance of '
    "ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey. Received undefined": ("credentials-missing"),
    'h11._util.LocalProtocolError: Illegal header value b"Tern-Harbour7 "': "credential-whitespace",
}
NEWLINE = b"\n"
SECRETS = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: okx\ndata:\n" + "".join(
    f"  {name}: {b64encode(value.encode() + NEWLINE).decode()}\n" for name, value in KEYS.items()
)
COMPOSE = (
    f"services:\n  bot:\n    environment:\n      {{0}}OKX_API_KEY{{1}}{API_KEY}\n"
    f"      {{0}}OKX_SECRET_KEY{{1}}{SECRET}\n"
)
OTHERS = {"OKX_API_KEY": API_KEY.replace("3", "4"), "OKX_API_SECRET": SECRET[::-1], "OKX_API_PASSPHRASE": "Other-77x"}
NAUT = json.dumps({"okx": {"api_key": API_KEY, "api_secret": SECRET, "api_passphrase": PASSPHRASE}}, indent=1)
LEAKED = {
    "blank.env": 'OKX_PASSPHRASE="Tern-Harbour7 "',
    "inside.env": "OKX_PASSPHRASE='Tern Harbour 7'",
    "inside.yaml": 'okx_passphrase: "Tern Harbour7"',
    "inside.json": '{"mcpServers": {"okx": {"env": {"OKX_PASSPHRASE": "Tern Harbour 7"}}}}',
}
PROFILE = (
    f'[profiles.demo]\napi_key = "{API_KEY}"\nsecret_key = "{SECRET}"\npassphrase = "{PASSPHRASE}"\nsite = "eea"\n'
    'demo = true\nproxy_url = "http://127.0.0.1:9"\n'
)
DEX = "OKX_DEX_API_KEY=k\nOKX_DEX_SECRET=s\nOKX_DEX_PASSPHRASE=Nova#77kite\n"

DOORS: Mapping[str, tuple[Door, ...]] = {
    "ccxt-11465-proxy-scheme": (
        decode(
            SSL.format("www.okx.com")
            + " (Caused by SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version'))",
            "proxy-failure: likely",
            "(write http://)",
            never=("tls-untrusted", "update certifi"),
        ),
    ),
    "masked-capture-ccxt-11109-form": tuple(
        inspect(
            ccxt(mask, mask, mask, refused(INVALID_SIGN)),
            "masked in this capture, so not judged: OK-ACCESS-KEY, OK-ACCESS-SIGN, OK-ACCESS-PASSPHRASE",
            "a signature is no secret",
            never=("placeholder", "-differs", "unexplained", "✗"),
        )
        for mask in ("...", "***", "xx", "<redacted>", "[REMOVED]", "****")
    ),
    "python-okx-16-ws-reconnect": (
        inspect(
            f'10:20:30 {login()}\n10:20:30 {{"event":"login","code":"0","msg":""}}\n'
            f"10:26:13 {login()}\n10:26:13 {EXPIRED}\n",
            "timestamp-stale: stated",
            "it was kept and sent again",
            never=("clock-drift",),
        ),
        decode(EXPIRED, "timestamp-stale: likely", "After a reconnect"),
        decode(f'10:20:30 {{"event":"login","code":"0"}}\n10:26:13 {EXPIRED}', "timestamp-stale: likely", "kept"),
    ),
    "okxapi-net-37-no-credentials": (
        decode(
            '{"Error":{"Code":null,"Message":"Authentication failed: No credentials provided for private endpoint"}}',
            "that is its own claim",
            "credentials-missing: possible",
            never=("ccxt",),
        ),
    ),
    "web3-ws-60030-60031": (
        decode('{"event":"error","code":"60031","msg":"API key doesn\'t exist."}', "Web3 product uses this number"),
        decode(
            '{"event":"error","code":"60030","msg":"The WebSocket endpoint does not allow multiple or repeated '
            'logins"}',
            "Web3 product uses this number",
        ),
    ),
    "web3-key-on-exchange": (
        inspect(request(host="https://web3.okx.com"), "web3-key: likely", "one of its hosts with a key made there"),
        inspect(request("/api/v6/dex/aggregator/quote?chainIndex=1", OK_ACCESS_PROJECT="x"), "web3-key: likely"),
        decode('GET https://web3.okx.com/api/v5/account/balance {"code":"50111","msg":""}', "web3-key: likely"),
    ),
    "k8s-secret-manifest": (
        check("secret.yaml", SECRETS, "env-file-mangled", "the newline that echo leaves before base64", "stringData"),
    ),
    "octobot-3610-two-codes": (
        decode(
            'okx {"msg":"Invalid OK-ACCESS-KEY","code":"50111"}\nokx {"msg":"API key doesn\'t exist","code":"50119"}',
            "✗ 1. OKX answers 50119",
            "wrong-site: likely",
            "✗ 2. OKX answers 50111",
        ),
    ),
    "ccxt-15895-browser": (
        decode(
            f"{TIMED_OUT}\n{EMPTY_KEY}",
            "✗ 1. No answer came back",
            "connection-timeout: likely",
            "opens a private address in a browser",
        ),
        inspect(ccxt(API_KEY, PASSPHRASE, sign(f"{STAMP}GET{ASKED}")), "1 valid", status=0),
        inspect(
            ccxt(API_KEY, PASSPHRASE, sign(f"{STAMP}GET{ASKED}"), f"{TIMED_OUT}\nin a browser: {EMPTY_KEY}"),
            "Beside it, line 3: No answer came back",
            "1 valid",
            "connection-timeout: likely",
            "okx-doctor check --only network",
            never=("header-missing", "Fix"),
        ),
    ),
    "event-contract-public-401": (
        inspect(
            json.dumps(
                {
                    "method": "GET",
                    "url": "https://www.okx.com/api/v5/public/event-contract/series",
                    "headers": {},
                    "response": {"status": 401, "body": EMPTY_KEY},
                }
            ),
            "header-missing: stated",
        ),
        decode(EMPTY_KEY, "header-missing: likely", "the call was sent without signing"),
    ),
    "yuna-50123": (
        decode("HTTP 401 / OKX 50123", "permission-market: likely", never=("without a code", "clock-drift: ")),
        decode("[code 50123]", "permission-market: likely"),
        decode('{"code":"50123","msg":"-"}', "permission-market: likely"),
    ),
    "claude-json-guard": (
        Door(command=("guard", *LEAKED), files=LEAKED, env={}, says=tuple(f"{name}:1:" for name in LEAKED), status=1),
    ),
    "urllib-user-agent-1010": (
        inspect(
            request(User_Agent="Python-urllib/3.11", answer=(403, "error code: 1010")), "the User-Agent is", "1010"
        ),
        inspect(
            request(User_Agent="Python-urllib/3.11", answer=(403, "")), "the User-Agent is", "blocked-by-edge: likely"
        ),
        inspect(
            request(User_Agent="Python-urllib/3.11"), "blocked-by-edge: possible", "a User-Agent of the bot's", status=0
        ),
        decode("urllib.error.HTTPError: HTTP Error 403: Forbidden", "set a User-Agent of your own"),
        decode("error code: 1010", "another User-Agent", never=("blocks this machine",)),
    ),
    "python-okx-3-hostname": (
        decode(
            "httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, "
            "certificate is not valid for 'www.okx.com'. (_ssl.c:1129)",
            "Another server answered",
            "dns-failure: likely",
            "nslookup",
        ),
    ),
    "vnpy-2990-check-hostname": (
        decode("ValueError: check_hostname requires server_hostname", "proxy-failure: likely", "Write http://"),
    ),
    "python-okx-54-winerror": (
        decode(
            "HTTPSConnectionPool(host='www.okx.com', port=443): Max retries exceeded with url: /cn/api/v5/market/"
            "ticker (Caused by NewConnectionError('…: [WinError 10065] …'))",
            "connection-refused: likely",
            "No way leads to that address",
            "Something stands before /api/v5/",
        ),
    ),
    "agent-trade-kit-proxy-url": (
        Door(
            command=("check", "--only", "network", "--credentials", "config.toml", "--profile", "profiles.demo"),
            files={"config.toml": PROFILE},
            env={},
            says=("Checked https://eea.okx.com", "proxy-failure: likely", "the proxy cannot be reached"),
            status=3,
        ),
    ),
    "ccxt-19186-business-login": (
        decode(
            SOCKETS, "websocket-login-missing: likely", "orders-algo is served on /ws/v5/business", "another connection"
        ),
        inspect(SOCKETS, "websocket-login-missing: stated", "one on /private does not count on /business"),
    ),
    "web3-env-names": (
        check("dex.env", DEX, "OKX_DEX_API_KEY (line 1)", "OKX_DEX_PASSPHRASE (line 3)", option="--env-file"),
        Door(
            command=("env", "dex.env"),
            files={"dex.env": DEX},
            env={},
            says=("OKX_DEX_PASSPHRASE, line 3", "cuts at `#`"),
            status=1,
        ),
    ),
    "mcp-json-unexpanded": (
        check(
            "mcp.json",
            json.dumps({"mcpServers": {"okx": {"env": {name: f"${{{name}}}" for name in KEYS}}}}, indent=1),
            "template-not-filled: likely",
            "mcp.json line",
            never=("sample text",),
        ),
    ),
    "sieblyio-140-vip-books": (
        decode(
            '{"event":"error","msg":"Only users who are VIP4 and above in trading fee tier are allowed to subscribe to '
            'books-l2-tbt channel","code":"60030"}',
            "Key and login are fine",
            "books-l2-tbt is served on /ws/v5/public, after a login",
            never=("VIP5", "books50", "Next"),
        ),
    ),
    "okx-dex-sdk-6-50125": (
        decode(
            'AxiosError: Request failed with status code 401 data: { "msg": "Invalid Request Access uri", "code": '
            '"50125" }'
            " POST https://web3.okx.com/api/v5/dex/pre-transaction/broadcast-transaction",
            "web3-key: likely",
            never=("$ okx-doctor check",),
        ),
    ),
    "xchange-4928-java": (
        decode(
            "javax.net.ssl.SSLHandshakeException: No name matching www.okx.com found",
            "Another server answered",
            "dns-failure: likely",
        ),
    ),
    "python-okx-9-http2-goaway": (
        decode(
            "httpx.RemoteProtocolError: <ConnectionTerminated error_code:ErrorCodes.NO_ERROR, last_stream_id:1999>",
            "GOAWAY",
            "http2=False",
        ),
    ),
    "okex-host-sslerror": (
        decode(
            SSL.format("www.okex.com")
            + " (Caused by SSLError(SSLEOFError(8, '[SSL: UNEXPECTED_EOF_WHILE_READING] EOF')))",
            "host-not-api: likely",
            "use www.okx.com",
        ),
    ),
    "openwrt-dns-169-254": (
        decode("*   Trying 169.254.0.2:443...", "no public name has", "dns-failure: likely"),
        decode("*   Trying 0.0.0.0:443...\ncurl: (28) Connection timed out", "dns-failure: likely"),
    ),
    "ccxt-py-ws-log-form": (
        inspect(f"sending {login(chr(39))}\n", "1 valid", status=0),
        inspect(f"{login(chr(39))}\n", "1 valid", status=0),
        inspect(
            f"sending {{ op: 'login', args: [ {{ apiKey: '{API_KEY}', passphrase: '{PASSPHRASE}', timestamp: "
            f"'1795688430', sign: '{LOGIN}' }} ] }}\n",
            "1 valid",
            status=0,
        ),
    ),
    "axios-error-dump": (
        inspect(AXIOS, "query-not-signed: proven"),
        inspect(AXIOS_JSON, "query-not-signed: proven"),
    ),
    "client-refuses-header": tuple(
        decode(text, "The client did not send the request", f"{cause}: likely", "check --offline", never=("Tern",))
        for text, cause in REFUSALS.items()
    ),
    "postman-unresolved-variables": (
        inspect(request(signed=f"{BALANCE}?ccy={{{{ccy}}}}"), "template-not-filled: proven"),
        inspect(
            request(ORDER, BODY, signed=ORDER + BODY.replace("BTC-USDT", "{{inst}}").replace('"10"', '"{{size}}"')),
            "template-not-filled: proven",
        ),
        inspect(request(sent=sign(f"{STAMP}GET{ASKED}", "{{secret_key}}")), "template-not-filled: proven"),
    ),
    "compose-list-and-dollar": (
        check(
            "compose.yml",
            COMPOSE.format("- ", "=") + '      - OKX_PASSPHRASE="Tern-Harbour7"\n',
            "env-file-mangled",
            "Compose keeps them as part of the value",
        ),
        check(
            "compose.yml",
            COMPOSE.format("", ": ") + "      OKX_PASSPHRASE: ${OKX_PASSPHRASE}\n",
            "template-not-filled: proven",
            "which is not set where the file is read",
            never=("Put in the real",),
        ),
    ),
    "systemd-unit": (
        check(
            "bot.service",
            f"[Service]\nEnvironment=OKX_API_KEY={API_KEY}\nEnvironment=OKX_SECRET_KEY={SECRET}\n"
            "Environment=OKX_PASSPHRASE=Ten%%20pa#ss\n",
            "from bot.service",
            never=("TOML",),
            status=0,
        ),
    ),
    "crypto-ws-api-2": (
        decode("Malformed request, status: 'Please log in', code 60011", "websocket-login-missing: likely"),
    ),
    "nautilus-4115-env-fallback": (
        Door(
            command=("inspect", "-", "--credentials", "naut.json"),
            files={"naut.json": NAUT},
            env=OTHERS,
            given=request(),
            says=("credential-sources-conflict", "api_secret in naut.json"),
            status=1,
        ),
        Door(
            command=("check", "--offline", "--credentials", "naut.json"),
            files={"naut.json": NAUT},
            env=OTHERS,
            says=("hides a different value", "okx.api_key in naut.json"),
        ),
    ),
    "rust-ms-timestamp": (inspect(request(ORDER, BODY, stamp="1795688430456"), "timestamp-unit: likely"),),
    "php-50112-offset": (
        inspect(
            request(
                stamp="2026-11-26T10:20:30+00:00", answer=(401, '{"code":"50112","msg":"Invalid OK-ACCESS-TIMESTAMP"}')
            ),
            "timestamp-format: stated",
        ),
        inspect(request(stamp="2026-11-26T10:20:30+00:00"), "timestamp-format: possible", status=0),
    ),
    "mlmrehab-strftime-local": (
        inspect(
            request(
                stamp="2026-11-26T18:20:30.000Z",
                answer=(401, '{"code":"50102","msg":"Timestamp request expired"}'),
                dated="Thu, 26 Nov 2026 10:20:31 GMT",
            ),
            "clock-timezone: likely",
            "UTC+8",
        ),
    ),
    "holysheep-hexdigest": (
        inspect(request(sent=mac(f"{STAMP}GET{ASKED}").hex()), "signature-hex: proven"),
        inspect(
            request(stamp="2026-11-26T10\uff1a20\uff1a30.456Z"), "timestamp-format: likely", "U+FF1A fullwidth colon"
        ),
        decode("58001 Authentication failed", "58001: not documented"),
    ),
    "freqtrade-9340-wsl-windows": (
        decode('okx {"msg":"Timestamp request expired","code":"50102"}', "clock-drift: likely"),
    ),
    "ipv6-list-worker": (
        decode(
            '{"msg":"Your IP 2001:db8::7 is not included in your API key\'s IP whitelist.","code":"50110"}',
            "OKX sees the caller as 2001:db8::7",
            "An IPv6 address is refused by a list of IPv4 addresses",
        ),
    ),
    "replit-changing-ip": (
        decode(
            '{"msg":"Your IP 203.0.113.77 is not included in your API key\'s IP whitelist.","code":"50110"}',
            "203.0.113.77",
            "use a fixed exit address",
        ),
    ),
    "python-okx-5-getaddrinfo": (
        decode("httpx.ConnectError: [Errno 11004] getaddrinfo failed", "dns-failure: likely", "does not use the proxy"),
    ),
    "okcoin-128-525": (
        decode("www.okex.com | 525: SSL handshake failed", "(HTTP 525)", "exchange-unavailable: likely"),
        decode("<title>www.okex.com | 525: SSL handshake failed</title>", "(HTTP 525)", "exchange-unavailable: likely"),
    ),
    "vnpy-1566-dead-proxy": (
        decode(
            "ProxyError('Cannot connect to proxy.', NewConnectionError('…: [WinError 10061] …'))",
            "proxy-failure: likely",
        ),
    ),
    "ccxt-25373-60014": (
        decode(
            'RateLimitExceeded: okx {"event":"error","msg":"Requests too frequent","code":"60014"}',
            "rate-limited: likely",
        ),
    ),
}
"""What each case comes in as."""


def test_every_case_has_its_doors() -> None:
    assert sorted(DOORS) == sorted(row["id"] for row in ROWS)
    assert all(row["source"] and row["true_cause"] for row in ROWS)


@pytest.mark.parametrize("case", DOORS)
def test_a_failure_that_was_told_of_in_public_is_read_as_what_it_was(case: str, tmp_path: Path) -> None:
    for door in DOORS[case]:
        for name, text in door.files.items():
            (tmp_path / name).write_text(text)
        done = okx_doctor(*door.command, env=clean(**door.env), cwd=tmp_path, stdin=door.given.encode())
        printed = f"{done.flat} {' '.join(done.said.split())}"

        assert [words for words in door.says if words not in printed] == [], printed
        assert [words for words in door.never if words in printed] == [], printed
        assert done.status == door.status, printed
