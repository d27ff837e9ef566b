"""A bot that OKX's address cannot be changed in: ccxt knows it, and so does the one call that the bot signs itself.

okx-doctor run -- python3 docs/bots/unchanged.py
"""

import base64
import contextlib
import hmac
import json
import os

import ccxt

okx = ccxt.okx(
    {
        "apiKey": os.environ["OKX_API_KEY"],
        "secret": os.environ["OKX_SECRET_KEY"],
        "password": os.environ["OKX_PASSPHRASE"],
    }
)
okx.private_get_account_balance()

PATH = "/api/v5/trade/cancel-order"
order = {"instId": "BTC-USDT", "ordId": "590908157585625111"}
now = okx.iso8601(okx.milliseconds())
text = f"{now}POST{PATH}{json.dumps(order)}"
headers = {
    "OK-ACCESS-KEY": okx.apiKey,
    "OK-ACCESS-SIGN": base64.b64encode(hmac.digest(okx.secret.encode(), text.encode(), "sha256")).decode(),
    "OK-ACCESS-TIMESTAMP": now,
    "OK-ACCESS-PASSPHRASE": okx.password,
    "Content-Type": "application/json",
}
with contextlib.suppress(ccxt.AuthenticationError):  # as bots do: they go on, and try again for ever
    okx.fetch(f"https://www.okx.com{PATH}", "POST", headers, okx.json(order))
