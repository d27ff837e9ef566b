# mypy: ignore-errors
"""Python's clients, one after another, against one address: how each says that it failed."""

import asyncio
import hashlib
import hmac
import os
import sys
import traceback
from base64 import b64encode
from importlib.metadata import version

URL = os.environ["TARGET"]
PROXY = os.environ.get("PROXY")
WAIT = float(os.environ["WAIT"])
ADDRESS = URL.replace("https:", "wss:").replace("http:", "ws:")


def headers():
    secret = os.environ.get("SIGNING_KEY")
    if secret is not None or "NO_SIGNING_KEY" in os.environ:
        made = hmac.new(secret.encode(), b"x", hashlib.sha256).digest()
        return {"OK-ACCESS-KEY": "k", "OK-ACCESS-SIGN": b64encode(made).decode()}
    return {"OK-ACCESS-KEY": "k", "OK-ACCESS-PASSPHRASE": os.environ.get("PASSPHRASE")}


def headers_signed_raw():
    """The same with a key that is handed over as it is."""
    hmac.new(os.environ.get("SIGNING_KEY"), b"x", hashlib.sha256)


def use_requests():
    import requests

    requests.get(URL, headers=headers(), timeout=WAIT).json()


def use_urllib3():
    import urllib3

    pool = urllib3.ProxyManager(PROXY) if PROXY else urllib3.PoolManager()
    pool.request("GET", URL, headers=headers(), timeout=WAIT, retries=False).json()


def use_urllib():
    import urllib.request

    with urllib.request.urlopen(urllib.request.Request(URL, headers=headers()), timeout=WAIT) as answer:
        answer.read()


def use_httpx():
    import httpx

    httpx.get(URL, headers=headers(), timeout=WAIT).json()


def use_httpx_2():
    import httpx

    with httpx.Client(http2=True, timeout=WAIT) as client:
        client.get(URL, headers=headers()).json()


def use_aiohttp():
    import aiohttp

    async def get():
        async with (
            aiohttp.ClientSession(trust_env=True, timeout=aiohttp.ClientTimeout(total=WAIT)) as session,
            session.get(URL, headers=headers()) as answer,
        ):
            await answer.json()

    asyncio.run(get())


def use_python_okx():
    from okx.Account import AccountAPI

    api = AccountAPI("k", os.environ.get("SIGNING_KEY", "s"), os.environ.get("PASSPHRASE"), False, "0", debug=False)
    api.timeout = WAIT
    api.get_account_balance()


def use_ccxt():
    import ccxt

    bot = ccxt.okx(
        {"apiKey": "k", "secret": "s", "password": os.environ.get("PASSPHRASE"), "timeout": int(WAIT * 1000)}
    )
    bot.validateServerSsl = os.environ.get("SSL_CERT_FILE", True)
    if PROXY:
        bot.https_proxy = PROXY
    bot.fetch_balance()


def use_websockets():
    import websockets

    async def talk():
        async with websockets.connect(ADDRESS, open_timeout=WAIT, additional_headers=headers()) as socket:
            await socket.send("ping")
            await asyncio.wait_for(socket.recv(), WAIT)

    asyncio.run(talk())


def use_websocket_client():
    import websocket

    socket = websocket.create_connection(ADDRESS, timeout=WAIT, header=headers())
    socket.send("ping")
    socket.recv()


def use_hmac():
    headers_signed_raw()


USES = {
    "requests": use_requests,
    "urllib3": use_urllib3,
    "urllib": use_urllib,
    "httpx": use_httpx,
    "httpx http2": use_httpx_2,
    "aiohttp": use_aiohttp,
    "python-okx": use_python_okx,
    "ccxt": use_ccxt,
    "websockets": use_websockets,
    "websocket-client": use_websocket_client,
    "hmac": use_hmac,
}


def main():
    for name in sys.argv[1:]:
        known = name.removesuffix(" http2")
        of = sys.version.split()[0] if known in ("urllib", "hmac") else version(known)
        try:
            USES[name]()
        except Exception as error:
            print(f"\x1e{name}\x1f{of} (Python {sys.version.split()[0]})")
            print(f"\x1f{type(error).__name__}: {error}\x1f")
            traceback.print_exc(file=sys.stdout)
        else:
            print(f"\x1e{name}\x1f{of}\x1f\x1f")


main()
