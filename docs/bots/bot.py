"""A small bot that signs by itself: it shows what an account holds and places one order.

It goes where OKX_API_BASE_URL says, with OKX_API_KEY, OKX_SECRET_KEY and OKX_PASSPHRASE.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
from datetime import UTC, datetime

import httpx


class Bot:
    """Talks to one OKX account."""

    def __init__(self, url: str, api_key: str, secret_key: str, passphrase: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=10)
        self._api_key, self._secret_key, self._passphrase = api_key, secret_key, passphrase

    def holdings(self, *currencies: str) -> dict[str, str]:
        """What is available of each currency."""
        path = "/api/v5/account/balance?ccy=" + ",".join(currencies)
        (account,) = self._call("GET", path)
        return {holding["ccy"]: holding["availBal"] for holding in account["details"]}

    def buy(self, instrument: str, size: str, price: str) -> str:
        """Place a limit order; its number."""
        order = {"instId": instrument, "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": size, "px": price}
        (placed,) = self._call("POST", "/api/v5/trade/order", json.dumps(order))
        return placed["ordId"]

    def _call(self, method: str, path: str, body: str = "") -> list[dict]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        key, text = self._secret_key.encode(), f"{now}{method}{path}{body}".encode()
        headers = {
            "OK-ACCESS-KEY": self._api_key,
            "OK-ACCESS-SIGN": base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode(),
            "OK-ACCESS-TIMESTAMP": now,
            "OK-ACCESS-PASSPHRASE": self._passphrase,
            "Content-Type": "application/json",
        }
        answer = self._client.request(method, path, content=body, headers=headers).json()
        if answer["code"] != "0":
            raise RuntimeError(f"OKX answers {answer['code']}: {answer['msg']}")
        return answer["data"]


if __name__ == "__main__":
    names = ("OKX_API_BASE_URL", "OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE")
    bot = Bot(*(os.environ[name] for name in names))
    sys.stdout.write(f"{bot.holdings('BTC', 'ETH')}\n{bot.buy('BTC-USDT', '0.001', '1')}\n")
