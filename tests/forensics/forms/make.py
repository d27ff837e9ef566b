"""Prints what Python's programs print of two requests, one form per run: python make.py FORM BASE_URL REQUESTS_JSON."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import logging
import pprint
import sys
import urllib.request
from collections.abc import Callable
from typing import Any


def _requests(one: dict[str, Any]) -> Any:
    import requests

    return requests.request(one["method"], one["url"], headers=one["headers"], data=one["body"] or None, timeout=5)


def _httpx(one: dict[str, Any]) -> Any:
    import httpx

    return httpx.request(one["method"], one["url"], headers=one["headers"], content=one["body"] or None, timeout=5)


def as_dict(one: dict[str, Any]) -> None:
    print({name: one[name] for name in ("method", "url", "headers")} | {"body": one["body"] or None})


def as_pretty_dict(one: dict[str, Any]) -> None:
    pprint.pprint({name: one[name] for name in ("method", "url", "headers")} | {"data": one["body"].encode() or None})


def logged_dict(one: dict[str, Any]) -> None:
    logging.basicConfig(
        stream=sys.stdout, level=logging.DEBUG, format="%(asctime)s - %(name)s - %(levelname)s - %(message)s"
    )
    logging.getLogger("bot.okx").debug(
        "request: %s", {"method": one["method"], "url": one["url"], "headers": one["headers"], "payload": one["body"]}
    )


def requests_vars(one: dict[str, Any]) -> None:
    print(vars(_requests(one).request))


def requests_line(one: dict[str, Any]) -> None:
    r = _requests(one).request
    print(r.method, r.url, r.headers, r.body)


def requests_lines(one: dict[str, Any]) -> None:
    r = _requests(one)
    print("URL:", r.request.url)
    print("Method:", r.request.method)
    print("Headers:", r.request.headers)
    print("Body:", r.request.body)
    print("Response:", r.status_code, r.text)


def requests_debug(one: dict[str, Any]) -> None:
    http.client.HTTPConnection.debuglevel = 1
    _requests(one)


def httpx_line(one: dict[str, Any]) -> None:
    r = _httpx(one).request
    print(r, r.headers, r.content)


def httpx_vars(one: dict[str, Any]) -> None:
    r = _httpx(one).request
    r.read()
    print(vars(r))


def httpx_json(one: dict[str, Any]) -> None:
    r = _httpx(one)
    print(
        json.dumps(
            {
                "method": r.request.method,
                "url": str(r.request.url),
                "headers": dict(r.request.headers),
                "body": r.request.content.decode(),
                "response": {"status": r.status_code, "body": r.text},
            }
        )
    )


def httpx_hook(one: dict[str, Any]) -> None:
    import httpx

    def hook(request: Any) -> None:
        print(f">>> {request.method} {request.url}\n{dict(request.headers)}\n{request.content!r}")

    with httpx.Client(event_hooks={"request": [hook]}) as client:
        client.request(one["method"], one["url"], headers=one["headers"], content=one["body"] or None)


async def _aiohttp(one: dict[str, Any]) -> Any:
    import aiohttp

    async with (
        aiohttp.ClientSession() as session,
        session.request(one["method"], one["url"], headers=one["headers"], data=one["body"] or None) as r,
    ):
        return r


def aiohttp_info(one: dict[str, Any]) -> None:
    r = asyncio.run(_aiohttp(one))
    print(r.request_info)
    print("body:", one["body"])


def aiohttp_response(one: dict[str, Any]) -> None:
    r = asyncio.run(_aiohttp(one))
    print(
        {
            "method": r.method,
            "url": str(r.url),
            "headers": dict(r.request_info.headers),
            "data": one["body"],
            "status": r.status,
        }
    )


def urllib_vars(one: dict[str, Any]) -> None:
    print(
        vars(
            urllib.request.Request(
                one["url"], method=one["method"], headers=one["headers"], data=one["body"].encode() or None
            )
        )
    )


def urllib_debug(one: dict[str, Any]) -> None:
    asked = urllib.request.Request(
        one["url"], method=one["method"], headers=one["headers"], data=one["body"].encode() or None
    )
    opener = urllib.request.build_opener(urllib.request.HTTPHandler(debuglevel=1))
    with contextlib.suppress(OSError):
        opener.open(asked, timeout=5)


def source_call(one: dict[str, Any]) -> None:
    data = f", data={one['body']!r}" if one["body"] else ""
    print(
        f"r = requests.{one['method'].lower()}(\n    {one['url']!r},\n    headers={one['headers']!r}{data},\n    timeout=5,\n)"
    )


def ccxt_python(one: dict[str, Any]) -> None:
    import ccxt

    exchange = ccxt.okx(
        {"apiKey": one["keys"][0], "secret": one["keys"][1], "password": one["keys"][2], "verbose": True}
    )
    exchange.urls["api"] = {"rest": one["base"]}
    with contextlib.suppress(ccxt.BaseError):
        if one["method"] == "GET":
            exchange.private_get_account_positions({"instType": "SWAP", "instId": "BTC-USDT-SWAP"})
        else:
            exchange.private_post_trade_order(json.loads(one["body"]))


async def _sockets(one: dict[str, Any], use: Callable[[str], Any]) -> None:
    """A socket that refuses every login."""
    from aiohttp import web

    async def refuse(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for _ in socket:
            await socket.send_str('{"event":"error","msg":"Login failed.","code":"60009"}')
        return socket

    app = web.Application()
    app.router.add_get("/{any:.*}", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    with contextlib.suppress(Exception):
        await asyncio.wait_for(use(f"ws://127.0.0.1:{port}"), 5)
    await runner.cleanup()


def ccxt_pro_python(one: dict[str, Any]) -> None:
    import ccxt.pro

    async def use(address: str) -> None:
        exchange = ccxt.pro.okx(
            {"apiKey": one["keys"][0], "secret": one["keys"][1], "password": one["keys"][2], "verbose": True}
        )
        exchange.urls["api"]["ws"] = f"{address}/ws/v5"
        try:
            await exchange.authenticate({})
        finally:
            await exchange.close()

    if one["method"] == "GET":
        asyncio.run(_sockets(one, use))


def python_okx(one: dict[str, Any]) -> None:
    from okx import Account, Trade

    keys = {
        "api_key": one["keys"][0],
        "api_secret_key": one["keys"][1],
        "passphrase": one["keys"][2],
        "domain": one["base"],
        "debug": True,
        "flag": "0",
    }
    if one["method"] == "GET":
        Account.AccountAPI(**keys).get_positions(instType="SWAP", instId="BTC-USDT-SWAP")
    else:
        body = json.loads(one["body"])
        Trade.TradeAPI(**keys).place_order(**body)


def loguru_like(one: dict[str, Any]) -> None:
    for line in pprint.pformat(
        {name: one[name] for name in ("method", "url", "headers")} | {"body": one["body"]}
    ).splitlines():
        print(f"2026-11-20 09:08:58.001 | DEBUG    | bot.okx:send:31 - {line}")


FORMS: dict[str, Callable[[dict[str, Any]], None]] = {
    name.replace("_", "-"): made
    for name, made in list(globals().items())
    if callable(made) and getattr(made, "__module__", "") == "__main__" and not name.startswith("_")
}

if __name__ == "__main__":
    form, base, given = sys.argv[1:]
    if form == "list":
        print("\n".join(FORMS))
    else:
        for each in json.loads(given):
            FORMS[form](each | {"url": base + each["target"], "base": base})
