"""Lines that the table of clients gives, run in the clients: each makes its client address the site asked."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import ccxt
import ccxt.pro
import httpx
import pytest
import requests
from okx.Account import AccountAPI
from okx.websocket.WsPrivateAsync import WsPrivateAsync

from okx_doctor.catalogue.clients import words
from okx_doctor.catalogue.clients.table import BY_ID
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.sites import SITE_IDS, site
from tests.needs import needs
from tests.peers.listeners import Listener
from tests.peers.programs import Run

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:There is no current event loop:DeprecationWarning"),
]

KEYS = {"apiKey": "key", "secret": "secret", "password": "passphrase"}
BALANCE = "/api/v5/account/balance"
every_site = pytest.mark.parametrize("site_id", SITE_IDS)
live_and_demo = pytest.mark.parametrize("demo", [False, True], ids=["live", "demo"])


@pytest.fixture
def at(listen: Callable[..., Listener]) -> Iterator[Listener]:
    """A listener, which other tests share: nothing that was sent to it here is left unread."""
    found = listen()
    yield found
    found.heard()


def _is_of(address: str, site_id: str) -> bool:
    """Whether a REST address is one that the site is served at."""
    return urlsplit(address).hostname in {urlsplit(url).hostname for url in site(site_id).rest}


def _is_socket_of(address: str, site_id: str, demo: bool) -> bool:
    """Whether a socket's address is the site's, on the port that OKX serves."""
    known = site(site_id).websocket_demo if demo else site(site_id).websocket
    there = urlsplit(address)
    return there.hostname == urlsplit(known or "").hostname and there.port in (None, 443)


def _addressed(exchange: ccxt.Exchange) -> str:
    return str(exchange.sign("account/balance", "private")["url"])


@every_site
@live_and_demo
def test_the_lines_for_ccxt_make_it_address_the_site(site_id: str, demo: bool) -> None:
    scope: dict[str, Any] = {"ccxt": ccxt, "config": dict(KEYS), "exchange": ccxt.okx(dict(KEYS))}

    exec("\n".join(words.site_lines(BY_ID["ccxt-python"], site_id, demo).lines), scope)

    exchange = scope["exchange"]
    assert _addressed(exchange).endswith(BALANCE) and _is_of(_addressed(exchange), site_id)
    assert exchange.headers.get(OKX.demo_header) == ("1" if demo else None)


@every_site
@live_and_demo
def test_the_lines_for_ccxt_pro_make_it_address_the_sites_socket_too(site_id: str, demo: bool) -> None:
    scope: dict[str, Any] = {"ccxt": ccxt, "config": dict(KEYS), "exchange": ccxt.pro.okx(dict(KEYS))}

    exec("\n".join(words.site_lines(BY_ID["ccxt-pro"], site_id, demo).lines), scope)

    exchange = scope["exchange"]
    assert _is_of(_addressed(exchange), site_id)
    if site(site_id).websocket:
        assert _is_socket_of(exchange.urls["api"]["ws"], site_id, demo)


@every_site
@live_and_demo
def test_the_lines_for_freqtrade_reach_ccxt_and_make_it_address_the_site(site_id: str, demo: bool) -> None:
    lines = " ".join(words.site_lines(BY_ID["freqtrade"], site_id, demo).lines)
    name = re.search(r'"name": "(\w+)"', lines)
    found = re.search(r'"ccxt_config": \{.*\}', lines)
    config = json.loads(f"{{{found[0]}}}")["ccxt_config"] if found else {}

    exchange = getattr(ccxt, name[1] if name else "okx")({**KEYS, **config})  # as freqtrade makes it of its settings

    assert _is_of(_addressed(exchange), site_id)
    assert exchange.headers.get(OKX.demo_header) == ("1" if demo else None)


@every_site
@live_and_demo
def test_the_lines_for_python_okx_make_it_address_the_site_and_the_environment(site_id: str, demo: bool) -> None:
    lines = words.site_lines(BY_ID["python-okx"], site_id, demo).lines
    arguments = " ".join(line for line in lines if line.endswith(","))
    sockets = [line for line in lines if not line.endswith(",")]

    with eval(f"AccountAPI('key', 'secret', 'passphrase', {arguments})", {"AccountAPI": AccountAPI}) as client:
        assert _is_of(str(client.base_url), site_id)
        assert client.flag == ("1" if demo else "0")

    async def address(line: str) -> str:
        made = eval(line.replace("…", "'key', 'passphrase', 'secret'"), {"WsPrivateAsync": WsPrivateAsync})
        return str(made.url)

    assert [_is_socket_of(asyncio.run(address(line)), site_id, demo) for line in sockets] == [True] * bool(
        site(site_id).websocket
    )


NODE = """
import ccxt from 'ccxt';
import { RestClient } from 'okx-api';
const config = { apiKey: 'key', secret: 'secret', password: 'passphrase' };
const found = {};
for (const [name, lines] of Object.entries(JSON.parse(process.argv[2]))) {
  if (name.startsWith('okx-api')) {
    const client = new Function('RestClient', `return new RestClient({ ${lines.join(' ')} });`)(RestClient);
    found[name] = [client.baseUrl, '', String(client.globalRequestOptions.headers['x-simulated-trading'] ?? '')];
  } else {
    const made = lines.some((line) => line.startsWith('const'))
      ? lines : ['const exchange = new ccxt.okx(config);', ...lines];
    const exchange = new Function('ccxt', 'config', `${made.join('\\n')}; return exchange;`)(ccxt.pro, config);
    found[name] = [exchange.sign('account/balance', 'private').url, exchange.urls.api.ws ?? '',
      exchange.headers['x-simulated-trading'] ?? ''];
  }
}
console.log(JSON.stringify(found));
process.exit(0);
"""


@needs("node", "npm")
def test_the_lines_for_okx_api_and_ccxt_in_node_make_them_address_the_site(
    run: Run, node: str, node_folder: Path, tmp_path: Path
) -> None:
    asked = {
        f"{client} {site_id} {demo}": words.site_lines(BY_ID[client], site_id, demo).lines
        for client in ("okx-api", "ccxt-node")
        for site_id in SITE_IDS
        for demo in (False, True)
    }
    script = tmp_path / "lines.mjs"
    script.write_text(NODE, "utf-8")
    (tmp_path / "node_modules").symlink_to(node_folder / "node_modules")

    done = run(node, script, json.dumps(asked))

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    for name in asked:
        client, site_id, demo = name.split()
        rest, socket, header = found[name]
        assert _is_of(rest, site_id), name
        assert header == ("1" if demo == "True" else ""), name
        if client == "ccxt-node" and site(site_id).websocket:
            known = site(site_id).websocket_demo if demo == "True" else site(site_id).websocket
            assert urlsplit(socket).hostname == urlsplit(known or "").hostname, name


def _captured(printed: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed)
    return found


def _is_the_call(captured: dict[str, Any], url: str, *, answered: bool = True) -> None:
    names = {name.lower(): value for name, value in captured["headers"].items()}
    assert (captured["method"], captured["url"]) == ("POST", f"{url}{BALANCE}")
    assert names["ok-access-sign"] == "made-up"
    assert captured["body"] == '{"a": 1}'
    if answered:
        assert captured["response"]["status"] == 401
        assert json.loads(captured["response"]["body"])["code"]


HEADERS = {"OK-ACCESS-SIGN": "made-up", "Content-Type": "application/json"}
BODY = '{"a": 1}'


def test_the_line_for_requests_prints_the_request_with_its_answer(
    at: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    for body in (BODY, BODY.encode()):
        r = requests.post(at.url + BALANCE, data=body, timeout=60, headers=HEADERS)
        exec(words.capture_line(BY_ID["requests"]).lines[0], {"json": json, "r": r})
        _is_the_call(_captured(capsys.readouterr().out), at.url)


def test_the_line_for_httpx_prints_the_request_with_its_answer(
    at: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    r = httpx.post(at.url + BALANCE, content=BODY, timeout=60, headers=HEADERS)

    exec(words.capture_line(BY_ID["httpx"]).lines[0], {"json": json, "r": r})

    _is_the_call(_captured(capsys.readouterr().out), at.url)


def test_the_line_for_aiohttp_prints_the_request_with_its_answer(
    at: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = words.capture_line(BY_ID["aiohttp"]).lines
    scope: dict[str, Any] = {"json": json}
    exec(f"async def show(r, body):\n    {line}", scope)

    async def call() -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(at.url + BALANCE, data=BODY, headers=HEADERS) as r,
        ):
            await scope["show"](r, BODY)

    asyncio.run(call())

    _is_the_call(_captured(capsys.readouterr().out), at.url)


def test_the_line_for_urllib_prints_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    url = "http://127.0.0.1:1"
    request = urllib.request.Request(url + BALANCE, data=BODY.encode(), headers=HEADERS)

    exec(words.capture_line(BY_ID["urllib"]).lines[0], {"json": json, "request": request})

    _is_the_call(_captured(capsys.readouterr().out), url, answered=False)


CAPTURES = """
import axios from 'axios';
const [url, ofAxios, ofFetch] = process.argv.slice(2);
const method = 'POST', headers = { 'OK-ACCESS-SIGN': 'made-up', 'Content-Type': 'application/json' };
const body = '{"a": 1}';
await axios.post(url, body, { headers }).catch((error) => new Function('axios', 'r', ofAxios)(axios, error.response));
const r = await fetch(url, { method, headers, body });
const Async = (async () => {}).constructor;
await new Async('method', 'url', 'headers', 'body', 'r', ofFetch)(method, url, headers, body, r);
"""


@needs("node", "npm")
def test_the_lines_for_axios_and_fetch_print_the_request_with_its_answer(
    at: Listener, run: Run, node: str, node_folder: Path, tmp_path: Path
) -> None:
    script = tmp_path / "captures.mjs"
    script.write_text(CAPTURES, "utf-8")
    (tmp_path / "node_modules").symlink_to(node_folder / "node_modules")
    lines = [words.capture_line(BY_ID[name]).lines[0] for name in ("axios", "fetch")]

    done = run(node, script, at.url + BALANCE, *lines)

    assert done.returncode == 0, done.stderr
    for printed in done.stdout.splitlines():
        captured = _captured(printed)
        _is_the_call({**captured, "method": captured["method"].upper()}, at.url)
    assert len(done.stdout.splitlines()) == 2


OKX_API_CAPTURE = """
import axios from 'axios';
import { RestClient } from 'okx-api';
const [baseUrl, line] = process.argv.slice(2);
new Function('axios', line)(axios);
const client = new RestClient({ apiKey: 'key', apiSecret: 'secret', apiPass: 'passphrase', baseUrl });
await client.getBalance({ ccy: 'BTC' }).catch(() => {});
await client.setPositionMode({ posMode: 'net_mode' }).catch(() => {});
process.exit(0);
"""


@needs("node", "npm")
def test_the_line_for_okx_api_prints_what_it_signed(
    at: Listener, run: Run, node: str, node_folder: Path, tmp_path: Path
) -> None:
    script = tmp_path / "okx_api_capture.mjs"
    script.write_text(OKX_API_CAPTURE, "utf-8")
    (tmp_path / "node_modules").symlink_to(node_folder / "node_modules")

    done = run(node, script, at.url, words.capture_line(BY_ID["okx-api"]).lines[0])

    assert done.returncode == 0, done.stderr
    for printed in done.stdout.splitlines():
        captured = _captured(printed)
        method, target = captured["method"].upper(), captured["url"].removeprefix(at.url)
        signed = f"{captured['headers']['OK-ACCESS-TIMESTAMP']}{method}{target}{captured.get('body') or ''}"
        made = base64.b64encode(hmac.new(b"secret", signed.encode(), hashlib.sha256).digest()).decode()
        assert captured["headers"]["OK-ACCESS-SIGN"] == made
    assert len(done.stdout.splitlines()) == 2


def test_the_lines_that_send_a_client_to_a_listener_do_so(at: Listener) -> None:
    exchange = ccxt.okx({**KEYS, "enableRateLimit": False})
    exec("\n".join(words.base_url_lines(BY_ID["ccxt-python"], at.url).lines), {"exchange": exchange})
    with pytest.raises(ccxt.BaseError):
        exchange.private_get_account_config()
    exchange.session.close()

    (argument,) = words.base_url_lines(BY_ID["python-okx"], at.url).lines
    with eval(f"AccountAPI('key', 'secret', 'passphrase', {argument})", {"AccountAPI": AccountAPI}) as client:
        client.get_account_config()

    assert [line.target for line in at.heard()] == ["/api/v5/account/config"] * 2
